import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin, type Plugin, type PluginDefinition } from "veloz"
import { pluginContract } from "../../../core/testing/contract.js"

// The suite itself: it has to fail for plugins that do not keep to the contract.

const held: unknown[] = []

const plugin = (definition: Partial<PluginDefinition<{ n: number }>>): Plugin =>
  definePlugin<{ n: number }>({
    name: "subject",
    version: "1.0.0",
    veloz: "^1.0.0",
    description: "Does nothing.",
    schema: {
      type: "object",
      properties: { n: { type: "integer", default: 1, description: "A number.", "x-veloz-reload": "live" } },
    },
    engine() {},
    ...definition,
  }) as unknown as Plugin

/** The names of the tests that fail, and why. */
async function failures(subject: Plugin, readme?: URL): Promise<string[]> {
  const declared: [string, () => Promise<void>][] = []
  pluginContract((name, run) => declared.push([name, run]), subject, { readme })
  assert.is(declared.length, 8)
  const failed: string[] = []
  for (const [name, run] of declared) {
    await run().catch((error: Error) => failed.push(`${name}: ${error.message.split("\n")[0]}`))
  }
  return failed
}

test("a plugin that keeps to the contract passes", async () => {
  const clean = plugin({
    engine: ({ options, market, counter }) => {
      const books = counter("books")
      market.booked.tap("count", () => books.add(options.n))
    },
    strategy: ({ timers, orders }) => {
      timers.every(10, () => undefined)
      orders.onUpdate(() => undefined)
    },
    control: ({ timers, http, events }) => {
      timers.every(10, () => undefined)
      events.listen(["orders"], () => undefined)
      http.route({ method: "GET", url: "/api/subject", handler: () => ({ ok: true }) })
    },
  })
  assert.equal(await failures(clean), [])
})

for (const [what, definition, expected] of [
  ["no description", { description: undefined }, ["its definition says who it is"]],
  ["no part", { engine: undefined }, ["its definition says who it is"]],
  [
    "an option that nobody described",
    { schema: { type: "object", properties: { n: { type: "integer", default: 1 } } } },
    ["its options are described"],
  ],
  [
    "a copy of an option",
    {
      engine: ({ options: { n }, market }) => market.booked.tap("count", () => void n),
    },
    ["takes every option live", "takes every option live"],
  ],
  [
    "a context that is kept for ever",
    { engine: (context) => void held.push(context) },
    ["nothing holds the parts", "nothing holds the parts"],
  ],
  [
    "a dispose that cannot be called twice",
    {
      control: ({ channel }) => {
        let once: object | undefined = channel
        return {
          dispose: () => {
            if (once === undefined) throw new Error("disposed of twice")
            once = undefined
          },
        }
      },
    },
    ["it can be disposed of twice", "it can be disposed of twice"],
  ],
] as const satisfies readonly (readonly [string, Partial<PluginDefinition<{ n: number }>>, readonly string[]])[]) {
  test(`${what} fails the test that is about it`, async () => {
    const failed = await failures(plugin(definition))
    for (const part of new Set(expected))
      assert.ok(
        failed.some((name) => name.includes(part)),
        failed.join("\n"),
      )
    assert.is(failed.length, expected.length, failed.join("\n"))
  })
}

test("a README has to begin with the plugin's name and to name its options", async () => {
  const [failed] = await failures(plugin({}), new URL("../../../../README.md", import.meta.url))
  assert.match(failed, "the README begins with the name of the plugin")
})

test.run()
