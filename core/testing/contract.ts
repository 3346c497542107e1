import assert from "node:assert/strict"
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { OptionSchema } from "../config/schemas.js"
import type { ConfiguredPlugin, Part, Plugin, PluginDefinition, Services } from "../kernel/contract.js"
import { definePlugin } from "../kernel/define-plugin.js"
import { Harness, type HarnessOptions } from "./harness.js"
import { otherOptions } from "./other-options.js"
import { PluginUnderTest } from "./plugin-under-test.js"

// What every plugin has to keep to. VeloZ's own go through the same.

/** What declares a test: `test` of node:test, uvu, vitest, mocha. */
export type DeclareTest = (name: string, run: () => Promise<void>) => unknown

export interface ContractOptions {
  /** The README of the package, `new URL("../README.md", import.meta.url)`: its options have to be in it. */
  readonly readme?: string | URL
  /** False leaves the control part out, where that needs what a test does not have. */
  readonly control?: boolean
  /** Services that the plugin uses. */
  readonly services?: Partial<Services>
  readonly symbols?: HarnessOptions["symbols"]
}

/** Declares the tests that every plugin passes: `pluginContract(test, maxNotional({ max: "1000" }))`. */
export function pluginContract(
  test: DeclareTest,
  subject: Plugin | ConfiguredPlugin,
  options: ContractOptions = {},
): void {
  const plugin = subject.kind === "veloz-plugin" ? subject : subject.plugin
  const { definition } = plugin
  const { name } = definition
  test(`${name}: its definition says who it is`, async () => {
    await PluginUnderTest.load(subject)
    assert.match(definition.description ?? "", /^[A-Z].*\.$/s, "it has a description, which is a sentence")
    const parts = [...HOT_ROLES, "control" as const].filter((role) => definition[role] !== undefined)
    assert.ok(parts.length > 0 || definition.check !== undefined, "it has a part, or a check")
  })
  test(`${name}: its options are described, and its README names them`, async () => {
    const { schema } = await PluginUnderTest.load(subject)
    for (const [option, { description }] of Object.entries(schema.properties ?? {})) {
      assert.ok(description, `the option ${option} has no description: editors show it`)
    }
    if (options.readme !== undefined) checkReadme(options.readme, name, schema)
  })
  for (const topology of ["fused", "split"] as const) {
    const open = (...plugins: (Plugin | ConfiguredPlugin)[]): Promise<Harness> =>
      new Harness({ ...options, topology }).start(plugins)
    test(`${name}: in ${topology} it starts, takes every option live, and leaves nothing`, async () => {
      await liveThrough(await open(subject), subject)
    })
    test(`${name}: in ${topology} it is undone when its generation is given up`, async () => {
      await giveUp(await open(), subject)
    })
    test(`${name}: in ${topology} it can be disposed of twice, and nothing holds the parts that have left`, async () => {
      await leaveNoParts(await open(twice(subject)), name)
    })
  }
}

const HOT_ROLES = ["network", "engine", "strategy"] as const
/** What changes step by step, as pools do, is done by then. */
const REST = "50ms"

function checkReadme(file: string | URL, name: string, schema: OptionSchema): void {
  const path = typeof file === "string" ? file : fileURLToPath(file)
  assert.ok(existsSync(path), `there is no ${path}`)
  const text = readFileSync(path, "utf8")
  assert.match(text, new RegExp(`^# (.*/)?${name}\\n`), "the README begins with the name of the plugin")
  for (const option of Object.keys(schema.properties ?? {})) {
    assert.ok(text.includes(`\`${option}\``), `the README does not name the option \`${option}\``)
  }
}

async function liveThrough(engine: Harness, subject: Plugin | ConfiguredPlugin): Promise<void> {
  const standing = await PluginUnderTest.load(subject)
  const { name } = standing
  await engine.change(name, {})
  for (const changes of otherOptions(standing)) {
    try {
      await engine.change(name, changes)
    } catch (error) {
      // Of a text the schema may not tell all that the plugin asks: then it has to go on as it was.
      if (typeof Object.values(changes)[0] !== "string") throw error
    }
    haveADay(engine)
    await engine.change(name, standing.options)
    haveADay(engine)
  }
  assert.deepEqual(engine.takeStale(), [])
  await engine.remake(name)
  haveADay(engine)
  await engine.reload()
  engine.clock.advance(REST)
  assert.equal(engine.pendingTimers, 0, "it leaves timers")
  await engine.close()
}

/** A little of everything that may happen. */
function haveADay(engine: Harness): void {
  const { name } = engine.symbols.all[0]
  engine.book(name, { bids: [["100.00", "1"]], asks: [["101.00", "1"]] })
  engine.top(name, { bid: ["100.00", "1"], ask: ["101.00", "1"] })
  engine.trade(name, { price: "100.00", qty: "1" })
  const order = engine.buy(name, "1", "100.00")
  if (order.state === "open") engine.fill(order)
  engine.clock.advance(REST)
}

async function giveUp(engine: Harness, subject: Plugin | ConfiguredPlugin): Promise<void> {
  const { name } = await PluginUnderTest.load(subject)
  const breaking = definePlugin<object>({
    name: "breaking",
    version: "1.0.0",
    veloz: "^1.0.0",
    after: [name],
    engine() {
      throw new Error("on purpose")
    },
  })
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(engine.reload(subject, breaking), /on purpose/)
  }
  engine.clock.advance(REST)
  assert.equal(engine.pendingTimers, 0, "it leaves timers")
  const symbol = engine.symbols.all[0].name
  assert.equal(engine.buy(symbol, "1", "100.00").state, "open", "what ran before does not run any more")
  await engine.close()
}

/** The same plugin, whose parts are disposed of twice, as may happen to parts that fail on their way. */
function twice(subject: Plugin | ConfiguredPlugin): ConfiguredPlugin {
  const { plugin, options } = subject.kind === "veloz-plugin" ? subject() : subject
  const { definition } = plugin
  const again = (part: Part | void): Part | void => {
    if (part?.dispose === undefined) return part
    const dispose = async (): Promise<void> => {
      await part.dispose!()
      await part.dispose!()
    }
    return { ...part, dispose }
  }
  const made: Record<string, unknown> = {}
  for (const role of HOT_ROLES) {
    const make = definition[role] as ((context: object) => Part | void) | undefined
    if (make !== undefined) made[role] = (context: object) => again(make(context))
  }
  const { control } = definition
  if (control !== undefined) made.control = async (context: never) => again(await control(context))
  return definePlugin<object>({ ...definition, ...made } as PluginDefinition<object>)(options) as ConfiguredPlugin
}

const LOOKS_AT_MOST = 10

const heldParts = async (engine: Harness): Promise<string[]> =>
  [...(await engine.heldParts())].map(([part, count]) => `${part}: ${count}`)

async function leaveNoParts(engine: Harness, name: string): Promise<void> {
  haveADay(engine)
  for (let round = 0; round < 3; round += 1) {
    await engine.remake(name)
    haveADay(engine)
  }
  // Hooks of the generation before are let go with the one after.
  await engine.reload()
  engine.clock.advance(REST)
  let held = await heldParts(engine)
  // What a part has begun, such as reading a file, holds it until that is over.
  for (let look = 0; held.length > 0 && look < LOOKS_AT_MOST; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    held = await heldParts(engine)
  }
  assert.deepEqual(held, [], "something holds parts of it that have left: a module's variable, a listener, a timer")
  await engine.close()
}
