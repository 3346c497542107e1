import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../core/hot/clock.js"
import { PartHost } from "../../../core/kernel/part-host.js"
import { PluginLoader } from "../../../core/kernel/plugin-loader.js"
import type { PluginSource } from "../../../core/threads/messages.js"
import { callMeters } from "../../support/call-meters.js"

const evaluated: string[] = []

/** A plugin that says when its code is evaluated. */
function codeOf(hash: string): PluginSource {
  const code = `
    require("test").evaluated.push("${hash}")
    exports.default = { kind: "veloz-plugin", definition: { name: "coded", version: "1.0.0", veloz: "^1.0.0" } }`
  return { kind: "bundle", entry: "/coded.js", code, hash }
}

function newHost(): { host: PartHost; loader: PluginLoader } {
  const loader = new PluginLoader({ test: { evaluated } })
  const host = new PartHost({
    roles: ["strategy"],
    loader,
    clock: new ManualClock(),
    context: () => ({}),
    onFault: () => undefined,
    meters: callMeters(),
  })
  return { host, loader }
}

test("the code of a plugin is let go when it has been replaced, and kept as long as it is in force", () => {
  const { host, loader } = newHost()
  for (const [action, hash] of [
    ["remake", "first"],
    ["remake", "second"],
    ["keep", "second"],
  ] as const) {
    host.prepare({ generation: 1, plugins: [{ name: "coded", action, options: {}, source: codeOf(hash) }] })
    host.commit(() => undefined)
    host.forgetCode()
  }
  loader.load(codeOf("second"), "coded")
  assert.equal(evaluated, ["first", "second"])
  loader.load(codeOf("first"), "coded")
  assert.equal(evaluated, ["first", "second", "first"])
})

test.run()
