import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { startEngine } from "../../../core/kernel/engine.js"
import { EventReader } from "../../support/event-reader.js"
import { TOPOLOGIES } from "../../support/topologies.js"

// What a plugin of one's own can do with events, in a whole engine.

const PLUGIN = `
import { definePlugin } from "veloz"
export default definePlugin({
  name: "town-crier",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: { type: "object", properties: { refuse: { type: "boolean", default: false } } },
  control({ events, counter, onPrepared, timers }) {
    const data = { said: "before the commit" }
    events.publish("town-crier", "hello", data)
    data.said = "changed afterwards"
    const heard = counter("heard")
    events.listen(["config"], (news) => {
      heard.add(news.length)
      throw new Error("it cannot stand the news")
    })
    onPrepared(({ refuse }) => {
      if (refuse) throw new Error("it would rather not")
    })
    timers.every(20, () => events.publish("town-crier", "bad type", {}))
  },
})
`

for (const topology of TOPOLOGIES) {
  test(`${topology}: a plugin publishes, listens, counts and objects, and its faults are told and named`, async () => {
    const cwd = mkdtempSync(join(tmpdir(), "veloz-events-"))
    const lines: string[] = []
    const write = (message: string): void => void lines.push(message)
    const log = { debug: write, info: write, warn: write, error: write }
    const save = (options: object): void => {
      const plugins = { "metrics-api": { port: 0 }, quoter: false, "./town-crier.ts": options }
      writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify({ topology, plugins }))
    }
    writeFileSync(join(cwd, "town-crier.ts"), PLUGIN)
    save({})
    const engine = await startEngine({ cwd, env: { PATH: process.env.PATH }, log, version: "1.0.0", watch: false })
    const stream = await EventReader.open(engine.address!.port, "?last_id=0")

    assert.is((await stream.next("hello")).said, "before the commit")
    const thrown = await stream.next("plugin_failed", ({ where }) => where === "control, an event")
    assert.equal([thrown.plugin, thrown.message], ["./town-crier.ts", "it cannot stand the news"])
    const refused = await stream.next("plugin_failed", ({ where }) => where === "control, a timer")
    assert.match(refused.message, '"bad type"')

    save({ refuse: true })
    await engine.reload()
    const news = await stream.next("config_reload", ({ ok }) => !ok)
    assert.equal([news.code, news.generation], ["VELOZ_PLUGIN_THREW", 1])
    assert.match(news.message, "it would rather not")
    assert.is(engine.facade.configuration.generation(), 1)
    assert.is(engine.facade.metrics.counter("town-crier.heard"), 1, "a listener that throws is not called again")

    await engine.facade.configuration.change({ "plugins.market-data.order_book_depth": 3 }, "a test")
    const { generation, author, changes, summary } = await stream.next("config_reload", ({ ok }) => ok)
    assert.equal([generation, author], [3, "a test"])
    assert.equal(changes, [{ path: "plugins.market-data.order_book_depth", from: 10, to: 3, reload: "live" }])
    assert.match(summary, "market-data.order_book_depth 10 -> 3")
    await engine.stop()
    rmSync(cwd, { recursive: true })
  })
}

test.run()
