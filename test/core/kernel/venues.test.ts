import { resolve } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type Config, config, inProject, type Project, place, refused, taken } from "../../support/engine-project.js"
import { JsonExchange } from "../../support/json-exchange.js"
import { freePort } from "../../support/running-engine.js"
import { inEachTopology, TOPOLOGIES, type Topology } from "../../support/topologies.js"

// A venue that a stranger has written, with nothing but the doors of veloz: the example json-venue.

const SOURCE = JSON.stringify(resolve("examples/json-venue/src/index.ts"))
/** Its state is about one venue, and could not go to another thread. */
const KEEPING = `import { definePlugin } from "veloz"
export default definePlugin({
  name: "keeping",
  version: "1.0.0",
  veloz: "^1.0.0",
  strategy({ keep }) {
    keep("quotes", 1, () => ({ count: () => 1 }))
  },
})
`
const FILES = { "json-venue.ts": `export { default } from ${SOURCE}\n`, "keeping.ts": KEEPING }

/** Which plugins of venues are in use. */
const inUse = ({ facade }: Project): string[] => {
  const names = facade.configuration.plugins().map(({ name }) => name)
  return names.filter((name) => ["./json-venue.ts", "binance", "sim-exchange"].includes(name)).sort()
}

const bid = (project: Project, wanted: (price: number) => boolean): Promise<number> =>
  project.until("a bid of that venue", () => {
    const price = Number(project.facade.market.top("BTCUSDT").bid)
    return price > 0 && wanted(price) && price
  })

inEachTopology("one word goes to the venue of a stranger and back, and no order goes along", async (topology) => {
  const exchange = await JsonExchange.listen()
  const at = (kind: string, where: Topology = topology): Config => {
    const plugins = { "./json-venue.ts": { url: exchange.url } }
    return { ...config(plugins), venue: { kind }, topology: where }
  }
  const statuses = (): string[] => exchange.orders.map(({ client, status }) => `${client} ${status}`)
  const run = async (project: Project): Promise<void> => {
    const { orders } = project.facade
    const price = await project.market()
    assert.equal(inUse(project), ["binance", "sim-exchange"])
    assert.is(exchange.connections, 0, "a plugin of another venue does nothing")
    assert.is((await place(project, price * 0.9, "here")).status, "NEW")

    await taken(project, at("json-venue"))
    assert.equal(inUse(project), ["./json-venue.ts"])
    assert.is(orders.get("here")!.status, "CANCELED")
    assert.is(await bid(project, (best) => best === 50_000), 50_000)
    assert.is((await place(project, 49_000, "resting")).status, "NEW")
    assert.is((await place(project, 49_500, "filled")).status, "NEW")
    exchange.fill("filled")
    await project.until("the fill", () => orders.get("filled")!.status === "FILLED")

    const other = TOPOLOGIES.find((one) => one !== topology)!
    await taken(project, at("json-venue", other))
    assert.is(orders.get("resting")!.status, "NEW", "orders stay where the venue does")
    assert.equal(statuses(), ["resting open", "filled filled"])

    await taken(project, at("sim", other))
    assert.equal(inUse(project), ["binance", "sim-exchange"])
    assert.equal(statuses(), ["resting canceled", "filled filled"])
    const back = await bid(project, (best) => best !== 50_000)
    assert.is((await place(project, back * 0.9, "again")).status, "NEW")
    await project.until("the connection has ended", () => exchange.connections === 0)
    assert.is(project.facade.metrics.counter("orders_unknown"), 0)
    assert.equal(project.faults, [])
  }
  try {
    await inProject(at("sim"), run, { files: FILES })
  } finally {
    exchange.close()
  }
})

test("a plugin that is left out is evaluated once, and not with each save", async () => {
  const counting = `const all = globalThis as { evaluated?: number }
all.evaluated = (all.evaluated ?? 0) + 1
${FILES["json-venue.ts"]}`
  const at = (order_book_depth: number): Config =>
    config({ "./counting.ts": true, "market-data": { order_book_depth } })
  const run = async (project: Project): Promise<void> => {
    for (const depth of [6, 7]) await taken(project, at(depth))
    await project.facade.configuration.plan({ changes: undefined, file: undefined })
    assert.is((globalThis as { evaluated?: number }).evaluated, 1)
  }
  await inProject(at(5), run, { files: { "counting.ts": counting } })
})

test("what is kept of one venue stays there, and keeps nobody from going to another", async () => {
  const at = (seed: number): Config => config({ "./keeping.ts": true, "sim-exchange": { seed } })
  await inProject(at(1), (project) => taken(project, at(2)), { files: FILES })
})

test("an exchange on a fixed port is not replaced there by itself, and the refusal says how it is", async () => {
  const [port, another] = [await freePort(), await freePort()]
  const at = (options: object): Config => config({ "sim-exchange": options })
  const run = async (project: Project): Promise<void> => {
    await project.market()
    await refused(
      project,
      at({ port, seed: 2 }),
      new RegExp(`VELOZ_PORT_HANDED_ON: .*127\\.0\\.0\\.1:${port}: .*another`),
    )
    await taken(project, at({ port: another, seed: 2 }))
    await taken(project, at({ port: another, seed: 2, events_per_second: 100 }))
  }
  await inProject(at({ port }), run)
})

test("a venue that is not there, or that nobody speaks to, leaves the engine at its own", async () => {
  const away = "ws://127.0.0.1:1"
  const at = (kind: string): Config => ({ ...config({ "./json-venue.ts": { url: away } }), venue: { kind } })
  const run = async (project: Project): Promise<void> => {
    const price = await project.market()
    await refused(project, at("json-venue"), /VELOZ_SUCCESSOR_NOT_READY/)
    await refused(project, at("json"), /VELOZ_VENUE_UNKNOWN: .*"json-venue" \(\.\/json-venue\.ts\)/)
    assert.equal(inUse(project), ["binance", "sim-exchange"])
    assert.is((await place(project, price * 0.9, "on")).status, "NEW")
  }
  await inProject(at("sim"), run, { files: FILES, handover: { readyMs: 300 } })
})

test.run()
