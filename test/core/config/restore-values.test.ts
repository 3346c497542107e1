import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Configuration } from "../../../core/config/configuration.js"
import { ConfigError } from "../../../core/config/diagnostic.js"
import { withoutSecrets } from "../../../core/config/secrets.js"
import { type Project, project } from "./project.js"

const MINE = {
  type: "object",
  properties: {
    max: { type: "integer", default: 5 },
    note: { type: "string" },
    api_secret: { type: "string" },
    limits: { type: "object", additionalProperties: { type: "integer" } },
  },
}
const schemas = { schemaOf: async () => MINE }

/** A configuration whose file says this. */
function fileOf(options: object): { made: Project; configuration: Configuration } {
  const made = project({ "veloz.config.json": { plugins: { mine: options } } })
  return { made, configuration: made.configuration({ schemas }) }
}

function save(made: Project, options: object): void {
  made.write("veloz.config.json", { plugins: { mine: options } })
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.catch((thrown: unknown) => thrown)
  assert.instance(error, ConfigError)
  return (error as Error).message
}

test("every option is brought back to what it was: one that the file changed, added, or took away", async () => {
  const { made, configuration } = fileOf({ max: 7, limits: { a: 1, b: 2 } })
  const first = await configuration.load()
  configuration.commit(first)
  save(made, { note: "new", limits: { a: 1, c: 3 } })
  configuration.commit(await configuration.load())
  const { effective, kept } = await configuration.withValues(first.values, "a rollback")
  assert.equal(effective.values, first.values)
  assert.equal(kept, [])
  assert.is(effective.origins.get("plugins.mine.max")?.[0].source, "a rollback")
  assert.is(effective.hash, first.hash)
})

test("what the file says already is left to the file", async () => {
  const { configuration } = fileOf({ max: 7 })
  const first = await configuration.load()
  configuration.commit(first)
  configuration.commit(await configuration.withApi({ "plugins.mine.max": 9 }, "a post"))
  const { effective } = await configuration.withValues(first.values, "a rollback")
  assert.equal(
    effective.origins.get("plugins.mine.max")?.map(({ layer }) => layer),
    ["file", "default"],
  )
})

test("plugins are switched on and off as they were", async () => {
  const { made, configuration } = fileOf({ max: 7 })
  const first = await configuration.load()
  configuration.commit(first)
  made.write("veloz.config.json", { plugins: { alerts: false, other: {} } })
  configuration.commit(await configuration.load())
  const { effective } = await configuration.withValues(first.values, "a rollback")
  assert.equal(effective.plugins.map(({ name }) => name).sort(), first.plugins.map(({ name }) => name).sort())
})

test("the next save wins over a rollback where it changes the file, and nowhere else", async () => {
  const { made, configuration } = fileOf({ max: 7 })
  const first = await configuration.load()
  configuration.commit(first)
  save(made, { max: 1, note: "new" })
  configuration.commit(await configuration.load())
  configuration.commit((await configuration.withValues(first.values, "a rollback")).effective)
  save(made, { max: 1, note: "newer" })
  const options = (await configuration.load()).plugins.find(({ name }) => name === "mine")?.options
  assert.equal(options, { max: 7, note: "newer" })
})

test("what the environment and the command line hold is left to them, and told", async () => {
  const { made, configuration } = fileOf({})
  const first = await configuration.load()
  configuration.commit(first)
  const restarted = made.configuration({ schemas, env: { VELOZ_ORDER_BOOK_DEPTH: "9" }, args: { symbols: "ETHUSDT" } })
  restarted.commit(await restarted.load())
  const { kept } = await restarted.withValues(first.values, "a rollback")
  assert.equal(
    kept.map(({ path, from, by }) => [path, from, by?.source]),
    [
      ["symbols", ["ETHUSDT"], "the command line"],
      ["plugins.market-data.order_book_depth", 9, "VELOZ_ORDER_BOOK_DEPTH"],
    ],
  )
})

test("an option that a later release added keeps its default", async () => {
  const { configuration } = fileOf({})
  const first = await configuration.load()
  configuration.commit(first)
  const values = structuredClone(first.values) as { plugins: { mine: { max?: number } } }
  values.plugins.mine.max = undefined
  const { effective, kept } = await configuration.withValues(values, "a rollback")
  assert.is(effective.plugins.find(({ name }) => name === "mine")?.options.max, 5)
  assert.is(kept[0].by?.layer, "default")
})

test("an option that is no more, or takes the value no more, is refused with its place", async () => {
  const { configuration } = fileOf({})
  const first = await configuration.load()
  configuration.commit(first)
  const values = structuredClone(first.values) as { plugins: { mine: Record<string, unknown> } }
  values.plugins.mine = { max: "many", gone: 1 }
  const message = await refusal(configuration.withValues(values, "a rollback"))
  assert.match(message, /plugins\.mine\.max must be an integer/)
  assert.match(message, /gone/)
})

test("what cannot be brought back exactly is refused", async () => {
  const { configuration } = fileOf({})
  const first = await configuration.load()
  configuration.commit(first)
  const values = structuredClone(first.values) as { plugins: { mine: Record<string, unknown> } }
  // No layer can say that an object is there and empty.
  values.plugins.mine.limits = {}
  assert.match(
    await refusal(configuration.withValues(values, "a rollback")),
    "VELOZ_CONFIG_INEXACT: plugins.mine.limits",
  )
})

test("a secret is left as it is, and one that would have to come back is refused by name", async () => {
  const { made, configuration } = fileOf({ max: 7, api_secret: "s3cret" })
  const first = await configuration.load()
  const kept = withoutSecrets(first.values) as Record<string, unknown>
  configuration.commit(first)
  save(made, { max: 8, api_secret: "another" })
  configuration.commit(await configuration.load())
  const { effective } = await configuration.withValues(kept, "a rollback")
  const options = effective.plugins.find(({ name }) => name === "mine")?.options
  assert.equal(options, { max: 7, api_secret: "another" })
  save(made, { max: 8 })
  configuration.commit(await configuration.load())
  assert.match(
    await refusal(configuration.withValues(kept, "a rollback")),
    "VELOZ_CONFIG_HIDDEN: plugins.mine.api_secret",
  )
})

test.run()
