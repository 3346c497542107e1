import type { ControlContext, NetTuningOptions, Part } from "veloz"
import { SOCKET_TUNABLES } from "./catalogue.js"
import { isAnswer } from "./messages.js"
import { SocketsReader } from "./sockets-reader.js"
import { readTunable } from "./tuning.js"

/** Answers what the sockets have by asking the network part, at the moment of the question. */
export function control(context: ControlContext<NetTuningOptions>): Part {
  const { options, http, channel, timers, tuning, engine } = context
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
  http.route({
    method: "POST",
    url: "/api/config/network",
    summary: "Changes any of the socket options, live",
    body: context.schema,
    handler: async ({ body }) => {
      const changes = Object.entries(body).map(([name, value]) => [`plugins.net-tuning.${name}`, value])
      await engine.configuration.change(Object.fromEntries(changes), "POST /api/config/network")
      const { plugins } = engine.configuration.effective() as { plugins: Record<string, unknown> }
      return { ok: true, network_config: plugins["net-tuning"] }
    },
  })
  for (const known of SOCKET_TUNABLES) {
    tuning.report(known.tunable.id, async () => readTunable(known, options, await reader.read()))
  }
  return { dispose: () => reader.giveUp() }
}
