import { type MessagePort, parentPort } from "node:worker_threads"
import { SystemClock } from "../hot/clock.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { WebSocketTransport } from "../io/websocket-transport.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { currentTid } from "../os/threads.js"
import { Doorbell } from "./doorbell.js"
import { HotEngine } from "./hot-engine.js"
import { type FromThread, type HotThreadData, sendableError, type ToThread } from "./messages.js"
import { Word } from "./shared-memory.js"

// The entry of a hot thread: the roles of `fused` on the event loop of one worker.

if (parentPort !== null) listen(parentPort)

function listen(port: MessagePort): void {
  const post = (message: FromThread): void => port.postMessage(message)
  let engine: HotEngine | undefined
  let bell: Doorbell | undefined
  port.on("message", (message: ToThread) => {
    if (message.type === "open") {
      engine = open(message.data, post)
      bell = new Doorbell(new Int32Array(message.data.memory.words), Word.CommandBell)
      bell.listen(() => engine!.onCommands())
    } else if (message.type === "stop") {
      bell?.close()
      const nothing = { type: "stopped", openOrders: 0, isCancelling: false } as const
      void Promise.resolve(engine?.stop(message.graceMs) ?? nothing).then((stopped) => {
        post(stopped)
        port.close()
      })
    } else if (engine !== undefined) answer(message, engine, post)
  })
  post({ type: "started", tid: currentTid() })
}

function open(data: HotThreadData, post: (message: FromThread) => void): HotEngine {
  const { symbols, memory, baseSeconds, epoch, orderPoolSize } = data
  const clock = new SystemClock(baseSeconds)
  const transport = new WebSocketTransport({ clock, afterRead: () => engine.endTurn() })
  const loader = new PluginLoader({ veloz, "veloz/hot": hot })
  const engine = new HotEngine({ symbols, memory, clock, transport, loader, epoch, orderPoolSize, post })
  engine.start()
  return engine
}

function answer(
  message: Exclude<ToThread, { type: "open" | "stop" }>,
  engine: HotEngine,
  post: (message: FromThread) => void,
): void {
  switch (message.type) {
    case "prepare":
      try {
        return post(engine.prepare(message))
      } catch (error) {
        return post({ type: "refused", generation: message.generation, error: sendableError(error) })
      }
    case "commit":
      return post({ type: "committed", generation: message.generation, pauseUs: engine.commit() })
    case "abort":
      return engine.abort()
    case "channel":
      return engine.onChannel(message.plugin, message.message)
  }
}
