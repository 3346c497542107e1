import type { HookName } from "./taps.js"

/** A function of a plugin on a hook, as one thread tells another. */
export interface TapReading {
  readonly hook: HookName
  readonly name: string
  readonly plugin: string
}

/** What one thread has of the paths. */
export interface PathReading {
  readonly taps: readonly TapReading[]
  readonly stages: { readonly market: readonly string[]; readonly order: readonly string[] }
  /** The plugin that speaks to the venue, if it is on this thread. */
  readonly adapter: string | undefined
}

/** What is composed of the parts of a generation, for people: a line a stage, with the plugins that put it there. */
export function describePaths(threads: readonly PathReading[]): { market: string[]; order: string[] } {
  const taps = threads.flatMap((thread) => thread.taps)
  const stages = {
    market: threads.flatMap((thread) => thread.stages.market),
    order: threads.flatMap((thread) => thread.stages.order),
  }
  const venue = threads.flatMap(({ adapter }) => adapter ?? [])
  const tapsOf = (...hooks: readonly HookName[]): string[] =>
    hooks.flatMap((hook) => taps.filter((tap) => tap.hook === hook).map(({ name, plugin }) => `${name} (${plugin})`))
  return {
    market: [
      line("receive, decode", venue),
      line("book", tapsOf("market.decoded", "market.booked")),
      ...stages.market,
      line("notify", tapsOf("market.onBook", "market.onTop", "market.onTrade")),
    ],
    order: [
      "receive",
      line("validate", tapsOf("order.validate")),
      line("risk", tapsOf("order.risk")),
      line("encode", venue),
      ...stages.order,
      line("send", tapsOf("order.sent")),
      line("report, order state", tapsOf("order.report")),
      line("notify", tapsOf("orders.onUpdate", "orders.onFill")),
    ],
  }
}

const line = (name: string, people: readonly string[]): string =>
  people.length === 0 ? name : `${name}: ${people.join(", ")}`
