import { test } from "uvu"
import * as assert from "uvu/assert"
import { MARKET, Saves } from "../../support/storm/saves.js"
import { inEachTopology } from "../../support/topologies.js"

const LOCAL = (number: number, primable: boolean, strategy: string): string => `
import { definePlugin } from "veloz"
export const number = ${number}
export default definePlugin({
  name: "local", version: "1.0.0", veloz: "^1.0.0", primable: ${primable},
  strategy({ market, counter, log, channel, orders }) {
    const seen = counter("seen")
    ${strategy}
  },
})`

/** Says of each invented trade that it has come, in every way that a part has. The storm's trades have a price of their own. */
const LOUD = `market.onTrade(({ priceTicks, qtyLots }) => {
  if (qtyLots === 1) return
  seen.increment()
  log.error("an invented trade")
  channel.post("an invented trade")
  orders.place(0, 0, priceTicks, 1)
})`

inEachTopology("new code is primed where it allows it, and nobody hears of what is invented", async (topology) => {
  const saves = new Saves(topology)
  const save = async (number: number, primable: boolean, strategy = LOUD): Promise<string> => {
    saves.file("local.js", LOCAL(number, primable, strategy))
    saves.config({ ...MARKET, mark: number }, { "./local.js": {} })
    while (!(await saves.reload())) assert.match(saves.refusal, /too busy/)
    return saves.logged("committed in").at(-1)!
  }
  try {
    await saves.start()
    assert.match(
      await save(2, false),
      /new code held a hot thread for [\d.]+ ms, and is not primed: \.\/local\.js does not say primable: true$/,
    )
    assert.match(
      await save(3, true),
      /new code held a hot thread for [\d.]+ ms, and was primed, [\d.]+ ms at a time at most$/,
    )
    const { counters } = (await saves.get("/api/metrics/counters")) as { counters: Record<string, number> }
    const seen = Object.entries(counters).filter(([name]) => name.endsWith("local.seen"))
    assert.equal(
      seen.map(([, count]) => count),
      [0],
    )
    assert.is(counters.orders_denied, 0)
    assert.equal(saves.logged("an invented trade"), [])
    saves.config({ ...MARKET, mark: 4 }, { "./local.js": {}, "market-data": { order_book_depth: 7 } })
    while (!(await saves.reload())) assert.match(saves.refusal, /too busy/)
    assert.not.match(saves.logged("committed in").at(-1)!, /new code/)
  } finally {
    await saves.end()
  }
})

test("each plugin with hot parts that does not allow it is named, and one without has nothing to prime", async () => {
  const saves = new Saves("fused")
  const plugin = (name: string, about: string): string =>
    `import { definePlugin } from "veloz"\nexport default definePlugin({ name: "${name}", version: "1.0.0", veloz: "^1.0.0", ${about} })`
  try {
    await saves.start()
    saves.file("one.js", plugin("one", "engine() {}"))
    saves.file("two.js", plugin("two", "network() {}"))
    saves.file("three.js", plugin("three", "primable: true, strategy() {}"))
    saves.file("four.js", plugin("four", "control() {}"))
    const save = async (...names: string[]): Promise<string> => {
      saves.config({ ...MARKET, mark: names.length }, Object.fromEntries(names.map((name) => [`./${name}.js`, {}])))
      while (!(await saves.reload())) assert.match(saves.refusal, /too busy/)
      return saves.logged("committed in").at(-1)!
    }
    const all = await save("one", "two", "three", "four")
    assert.match(all, /was primed, [\d.]+ ms at a time at most; \.\/one\.js, \.\/two\.js do not say primable: true$/)
    await save()
    assert.match(await save("four"), /new code held a hot thread for [\d.]+ ms$/)
  } finally {
    await saves.end()
  }
})

test("code that loops on what is invented is refused before a hot thread runs it", async () => {
  const saves = new Saves("fused")
  try {
    await saves.start()
    saves.file("local.js", LOCAL(2, true, "market.onTrade(() => { for (;;); })"))
    saves.config({ ...MARKET, mark: -1 }, { "./local.js": {} })
    assert.not(await saves.reload())
    assert.match(saves.refusal, /VELOZ_TRIAL_FAILED/)
  } finally {
    await saves.end()
  }
})

test.run()
