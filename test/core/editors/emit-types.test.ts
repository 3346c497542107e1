import { test } from "uvu"
import * as assert from "uvu/assert"
import type { OptionSchema } from "../../../core/config/schemas.js"
import { emitInterface, interfaceName } from "../../../core/editors/emit-types.js"

test("an option has its description, unit, range, default, variable and way of going live on lines of their own", () => {
  const schema: OptionSchema = {
    description: "Quotes with a spread.",
    type: "object",
    properties: {
      spread_bps: {
        description: "Distance from the mid.",
        type: "number",
        default: 5,
        minimum: 0,
        maximum: 100,
        "x-veloz-unit": "bps",
        "x-veloz-env": "VELOZ_SPREAD_BPS",
        "x-veloz-reload": "live",
      },
    },
  }
  assert.is(
    emitInterface("SpreadSettings", schema),
    `/**
 * Quotes with a spread.
 */
export interface SpreadSettings {
  /**
   * Distance from the mid.
   *
   * Unit: bps. A number from 0 to 100. Environment: VELOZ_SPREAD_BPS. A change: live at once.
   *
   * @default 5
   */
  spread_bps?: number | null
}
`,
  )
})

test("lists, maps, choices, unions and nested options have their types", () => {
  const members = bodyOf({
    mode: { enum: ["calm", "wild", 3] },
    fixed: { const: "x" },
    size: { type: ["string", "integer"] },
    either: { anyOf: [{ type: "string" }, { type: "boolean" }] },
    anything: {},
    names: { type: "array", items: { type: "string" } },
    pairs: { type: "array", items: { type: ["string", "number"] } },
    rules: {
      type: "array",
      items: { type: "object", required: ["name"], properties: { name: { type: "string" }, at: { type: "number" } } },
    },
    weights: { type: "object", additionalProperties: { type: "number" } },
    open: { type: "object", properties: { a: { type: "number" } }, additionalProperties: true },
    inner: { type: "object", properties: { deep: { type: "boolean" } } },
    "odd-name": { type: "null" },
  })
  const expected = [
    `mode?: "calm" | "wild" | 3 | null`,
    `fixed?: "x" | null`,
    "size?: string | number | null",
    "either?: string | boolean | null",
    "anything?: unknown | null",
    "names?: readonly string[] | null",
    "pairs?: readonly (string | number)[] | null",
    "rules?: readonly { name: string at?: number }[] | null",
    "weights?: { [name: string]: number | null } | null",
    "open?: { a?: number | null [name: string]: unknown } | null",
    "inner?: { deep?: boolean | null } | null",
    `"odd-name"?: null | null`,
  ]
  assert.is(members, expected.join(" "))
})

test("a plugin without options takes none", () => {
  assert.is(bodyOf({}), "[option: string]: never")
})

test("a description cannot end its comment", () => {
  const text = emitInterface("X", { description: "ends */ here", properties: {} })
  assert.match(text, " * ends *\\/ here\n")
})

test("names and paths of plugins become names of interfaces", () => {
  assert.is(interfaceName("veloz-plugin-spread"), "VelozPluginSpreadSettings")
  assert.is(interfaceName("./plugins/max-notional.ts"), "PluginsMaxNotionalSettings")
  assert.is(interfaceName("@desk/plugins.js"), "DeskPluginsSettings")
  assert.is(interfaceName("./1.mts"), "_1Settings")
})

test.run()

/** The members without comments, on one line. */
function bodyOf(properties: Readonly<Record<string, OptionSchema>>): string {
  const text = emitInterface("X", { type: "object", properties }).replaceAll(/\/\*\*.*?\*\//gs, "")
  return text.slice("export interface X {".length, text.lastIndexOf("}")).replaceAll(/\s+/g, " ").trim()
}
