// The door "veloz/testing": an engine in the calling thread, for the tests of plugins. Nothing in it opens a socket or
// waits: a test says what the market does, what the venue answers, and how much time passes.
import { Harness, type HarnessOptions } from "./harness.js"
import type { TestPlugin } from "./plugin-under-test.js"

export { type ContractOptions, type DeclareTest, pluginContract } from "./contract.js"
export type { Duration } from "./duration.js"
export type { TestConnection } from "./fake-connection.js"
export type { CancelAnswer, PlaceAnswer, QueryAnswer, VenueAnswers, VenueRequest } from "./fake-venue.js"
export type { Harness, HarnessOptions, OrderExtras, TextLevel } from "./harness.js"
export type { TestPlugin } from "./plugin-under-test.js"
export type { ReplayCount } from "./replay.js"
export type { TestOrder, TestOrderState } from "./test-orders.js"
export type { TestSymbol } from "./test-symbols.js"

/** An engine that runs these plugins and no others: plugins by value, with or without options, or by name. */
export function harness(plugins: TestPlugin | readonly TestPlugin[], options: HarnessOptions = {}): Promise<Harness> {
  const isMany = (wish: TestPlugin | readonly TestPlugin[]): wish is readonly TestPlugin[] => Array.isArray(wish)
  return new Harness(options).start(isMany(plugins) ? plugins : [plugins])
}
