import { type MessagePort, parentPort } from "node:worker_threads"
import { refuseEnds } from "../config/bounded.js"
import { SystemClock } from "../hot/clock.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { WebSocketTransport } from "../io/websocket-transport.js"
import type { Plugin } from "../kernel/contract.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { ownTimerSlack } from "../os/settings.js"
import { currentTid } from "../os/threads.js"
import { watchCollections } from "./collections.js"
import { Doorbell } from "./doorbell.js"
import { HotEngine } from "./hot-engine.js"
import type { HotThread } from "./hot-host.js"
import { type FromThread, type HotThreadData, type PluginChange, sendableError, type ToThread } from "./messages.js"
import { type Primed, primeInSlices } from "./prime-in-slices.js"
import { Primer } from "./primer.js"
import { type IdleStrategy, run } from "./runner.js"
import { BELLS, BLOCKS, createSharedMemory } from "./shared-memory.js"
import { SplitThread } from "./split-thread.js"

// The entry of a hot thread: one role or all three, on the event loop of a worker.

if (parentPort !== null) listen(parentPort)

function listen(port: MessagePort): void {
  const post = (message: FromThread): void => port.postMessage(message)
  let opened: Opened | undefined
  let stopRunning = (): void => undefined
  refuseEnds()
  let runAs = (_strategy: IdleStrategy): void => undefined
  port.on("message", (message: ToThread) => {
    if (message.type === "open") {
      const { memory, roles, idleStrategy } = message.data
      const { thread } = (opened = open(message.data, post))
      runAs = (strategy) => {
        stopRunning()
        stopRunning = run(() => thread.takeTurn(), bellOf(memory.words, roles), strategy)
      }
      runAs(idleStrategy)
    } else if (message.type === "idle") {
      runAs(message.strategy)
    } else if (message.type === "timer_slack") {
      ownTimerSlack.write(message.ns, 0)
      post({ type: "timer_slack", ns: ownTimerSlack.read(0) })
    } else if (message.type === "stop") {
      stopRunning()
      opened?.thread.stop()
      post({ type: "stopped" })
      port.close()
    } else if (opened !== undefined) answer(message, opened, post)
  })
  process.on("uncaughtException", function onStray(error) {
    if (opened?.thread.blame(error)) return
    // Now as if nobody had listened: the thread ends, and control hears why.
    process.off("uncaughtException", onStray)
    setImmediate(() => {
      throw error
    })
  })
  post({ type: "started", tid: currentTid(), timerSlackNs: ownTimerSlack.read(0) })
}

/** A thread that has its roles. */
interface Opened {
  readonly thread: HotThread
  prime(plugins: readonly PluginChange[]): Promise<Primed>
}

function open(data: HotThreadData, post: (message: FromThread) => void): Opened {
  const { roles, baseSeconds, symbols } = data
  const clock = new SystemClock(baseSeconds)
  const transport = new WebSocketTransport({ clock, afterRead: () => thread.endTurn() })
  const loader = new Announcing({ veloz, "veloz/hot": hot }, post)
  const options = { ...data, clock, transport, loader, post }
  const thread = roles.length === 1 ? new SplitThread(roles[0], options) : new HotEngine(options)
  thread.start()
  watchCollections(data.memory.metrics[BLOCKS[roles[0]]].collections)
  // Made before anything trades: that takes some milliseconds, in which the thread takes no input.
  const memory = createSharedMemory(symbols.length, roles.length === 1 ? "split" : "fused")
  const primer = new Primer({ symbols, memory, clock, loader })
  return { thread, prime: (plugins) => primeInSlices(primer, plugins, clock) }
}

/** Says which plugin it is about to run, so that it is known where code that does not come back is. */
class Announcing extends PluginLoader {
  constructor(
    modules: Readonly<Record<string, unknown>>,
    private readonly post: (message: FromThread) => void,
  ) {
    super(modules)
  }

  override load(source: PluginChange["source"], plugin: string): Plugin {
    this.post({ type: "loading", plugin })
    return super.load(source, plugin)
  }
}

/** What wakes the thread: where all roles share it, control rings for the engine. */
function bellOf(words: SharedArrayBuffer, roles: HotThreadData["roles"]): Doorbell {
  return new Doorbell(new Int32Array(words), BELLS[roles.length === 1 ? roles[0] : "engine"])
}

function answer(
  message: Exclude<ToThread, { type: "open" | "stop" | "idle" | "timer_slack" }>,
  { thread, prime }: Opened,
  post: (message: FromThread) => void,
): void {
  switch (message.type) {
    case "prepare":
      try {
        return post(thread.prepare(message))
      } catch (error) {
        return post({ type: "refused", generation: message.generation, error: sendableError(error) })
      }
    case "prime": {
      const { generation, plugins } = message
      const fail = (error: unknown): Primed => ({ tookMs: 0, sliceMs: 0, failure: sendableError(error).message })
      return void prime(plugins)
        .catch(fail)
        .then((primed) => post({ type: "primed", generation, ...primed }))
    }
    case "commit": {
      const { generation, attempt } = message
      const pauseUs = thread.commit(generation, attempt)
      return post(pauseUs === undefined ? { type: "late", generation } : { type: "committed", generation, pauseUs })
    }
    case "abort":
      return thread.abort()
    case "channel":
      return thread.onChannel(message.plugin, message.message)
    case "survey":
      return post(thread.survey())
    case "readiness":
      return post(thread.readiness())
    case "hold":
      return post({ type: "holding", unanswered: thread.hold() })
    case "retire":
      thread.retire()
      return post({ type: "retiring" })
    case "share":
      try {
        return post({ type: "shared", ...thread.share(message.withKept) })
      } catch (error) {
        // What a plugin saved is no plain data.
        return post({ type: "refused", generation: 0, error: sendableError(error) })
      }
    case "resume":
      return thread.resume()
    case "succeed":
      return thread.succeed(message.handover)
    case "drain":
      return void thread.drain(message.graceMs).then(post)
  }
}
