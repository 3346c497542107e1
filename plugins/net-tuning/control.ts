import type { ControlContext, NetTuningOptions, Part } from "veloz"
import { isAnswer } from "./messages.js"
import { SocketsReader } from "./sockets-reader.js"

/** Answers what the sockets have by asking the network part, at the moment of the question. */
export function control({ http, channel, timers }: ControlContext<NetTuningOptions>): Part {
  const reader = new SocketsReader((question) => channel.post(question), timers)
  channel.onMessage((message) => {
    if (isAnswer(message)) reader.onAnswer(message)
  })
  http.route({
    method: "GET",
    url: "/api/metrics/network",
    summary: "The venue sockets: their options as the kernel holds them, and their round trips",
    handler: async () => ({ sockets: await reader.read() }),
  })
  return { dispose: () => reader.giveUp() }
}
