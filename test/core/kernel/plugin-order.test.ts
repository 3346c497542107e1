import { test } from "uvu"
import * as assert from "uvu/assert"
import { type OrderedPlugin, orderPlugins } from "../../../core/kernel/plugin-order.js"

const plugin = (name: string, definition: OrderedPlugin["definition"] = {}): OrderedPlugin => ({
  name,
  definition,
  file: `/p/${name}.ts`,
})

const order = (...plugins: OrderedPlugin[]): string =>
  orderPlugins(plugins, { known: ["alerts"] })
    .map(({ name }) => name)
    .join()

function refusal(...plugins: OrderedPlugin[]): string {
  try {
    return `accepted: ${order(...plugins)}`
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return `${code}: ${message}`
  }
}

test("a plugin starts behind what it requires and comes after, before what it says, and else as configured", () => {
  assert.is(order(plugin("a"), plugin("b"), plugin("c")), "a,b,c")
  assert.is(order(plugin("a", { requires: ["c"] }), plugin("b"), plugin("c")), "c,a,b")
  assert.is(order(plugin("a", { after: ["b", "unknown-one"] }), plugin("b")), "b,a")
  assert.is(order(plugin("a"), plugin("b", { before: ["a"] })), "b,a")
})

test("a plugin of a file is known by its own name, and by that of the configuration", () => {
  const limit = plugin("./limit.ts", { name: "limit" })
  assert.is(order(plugin("a", { requires: ["limit"] }), limit), "./limit.ts,a")
  assert.is(order(plugin("a", { after: ["./limit.ts"] }), limit), "./limit.ts,a")
})

test("what is required and off is named, with the plugin that needs it, its file, and the mend", () => {
  assert.is(
    refusal(plugin("a", { requires: ["alerts"] })),
    'VELOZ_PLUGIN_REQUIRED: plugin "a" (/p/a.ts) requires "alerts", which is off: switch it on, or a off',
  )
  assert.match(
    refusal(plugin("a", { requires: ["venue-x"] })),
    /requires "venue-x", and there is no such plugin here: install it, and name its package or its file under plugins, or switch a off$/,
  )
  assert.match(
    refusal(plugin("a", { requires: ["alrets"] })),
    /requires "alrets", .*did you mean "alerts"\? If not, install it/,
  )
})

test("a name in after or before that is one slip from another is refused; any other may be off", () => {
  assert.match(
    refusal(plugin("a", { after: ["alert"] })),
    /^VELOZ_PLUGIN_MISNAMED: .*\/p\/a\.ts.*did you mean "alerts"/,
  )
  assert.match(refusal(plugin("quoter"), plugin("a", { before: ["qouter"] })), /starts before "qouter".*"quoter"\?$/)
  assert.is(refusal(plugin("a", { after: ["my-alerts"] })), "accepted: a")
})

test("a circle is told whole, with the files in which it can be broken", () => {
  assert.is(
    refusal(plugin("a", { requires: ["b"] }), plugin("b", { after: ["c"] }), plugin("c", { after: ["a"] })),
    'VELOZ_PLUGIN_CYCLE: plugins wait for each other: a -> b -> c -> a; take one "after", "before" or "requires" out of "a" (/p/a.ts), "b" (/p/b.ts), "c" (/p/c.ts)',
  )
  assert.match(refusal(plugin("a", { requires: ["a"] })), /wait for each other: a -> a;/)
})

test("two plugins of one name are refused, and both files are named", () => {
  const twice = refusal(plugin("./one.ts", { name: "limit" }), plugin("./two.ts", { name: "limit" }))
  assert.match(twice, /^VELOZ_PLUGIN_TWICE: two plugins are called "limit": .*one\.ts.* and .*two\.ts.*; take one out/)
})

test.run()
