import type { HookName, PartInstance } from "./taps.js"

/** What is composed of the parts of a generation, for people: a line a stage, with the plugins that put it there. */
export function describePaths(
  parts: readonly PartInstance[],
  adapter: string | undefined,
  stages: { readonly market: readonly string[]; readonly order: readonly string[] },
): { market: string[]; order: string[] } {
  const taps = (...hooks: readonly HookName[]): string[] =>
    hooks.flatMap((hook) =>
      parts.flatMap(({ plugin, taps: all }) =>
        all.filter((tap) => tap.hook === hook).map((tap) => `${tap.name} (${plugin})`),
      ),
    )
  const venue = adapter === undefined ? [] : [adapter]
  return {
    market: [
      line("receive, decode", venue),
      line("book", taps("market.decoded", "market.booked")),
      ...stages.market,
      line("notify", taps("market.onBook", "market.onTop", "market.onTrade")),
    ],
    order: [
      "receive",
      line("validate", taps("order.validate")),
      line("risk", taps("order.risk")),
      line("encode", venue),
      ...stages.order,
      line("send", taps("order.sent")),
      line("report, order state", taps("order.report")),
      line("notify", taps("orders.onUpdate", "orders.onFill")),
    ],
  }
}

const line = (name: string, people: readonly string[]): string =>
  people.length === 0 ? name : `${name}: ${people.join(", ")}`
