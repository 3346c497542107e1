import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { variablesOf } from "../../../core/config/environment.js"
import { closed, defaultsOf, type OptionSchema, schemaAt, shippedSchemas } from "../../../core/config/schemas.js"
import { checkSchema, validate } from "../../../core/config/validate.js"

const shipped = await shippedSchemas()
const RELOADS = ["live", "plugin", "pipeline", "engine", "restart"]

/** An option of a plugin, or one inside of it. */
interface Option {
  readonly path: string
  readonly name: string
  readonly depth: number
  readonly schema: OptionSchema
}

const options = [...shipped.plugins].flatMap(([plugin, schema]) => optionsOf(schema, plugin, 1))
const numbers = options.filter(({ schema }) => schema.type === "number" || schema.type === "integer")

/** Numbers that name or rank something, or that are in the unit of something else. */
const UNITLESS = new Set([
  "port",
  "seed",
  "threshold",
  "ip_tos",
  "socket_priority",
  "priority",
  "helper_priority",
  "nice",
  "oom_score_adj",
])
const NAMED_UNITS = {
  _ms: "ms",
  _us: "us",
  _ns: "ns",
  _seconds: "s",
  _bps: "bps",
  _pct: "percent",
  _mb: "MiB",
  _ticks: "ticks",
}

test("every shipped schema is strict, closed and described", () => {
  assert.ok(shipped.plugins.size >= 10)
  for (const [name, schema] of [["config", shipped.root] as const, ...shipped.plugins]) {
    assert.is(checkSchema(schema), undefined)
    assert.is(schema.additionalProperties, false, name)
    assert.ok(schema.description, name)
    for (const [option, property] of Object.entries(schema.properties ?? {})) {
      assert.ok(property.description, `${name}.${option} is described`)
      if (name !== "config") assert.ok(RELOADS.includes(property["x-veloz-reload"] ?? ""), `${name}.${option} reloads`)
    }
  }
})

test("every option, at any depth, is described", () => {
  const bare = options.filter(({ schema }) => (schema.description ?? "").length < 5).map(({ path }) => path)
  assert.equal(bare, [])
})

test("every number has a range", () => {
  // What an alert compares with has the range of the figure, and some figures go below 0.
  const bounded = numbers.filter(({ path }) => path !== "alerts.rules.threshold")
  const open = bounded.filter(({ schema: { minimum, exclusiveMinimum, maximum, exclusiveMaximum } }) => {
    return (minimum ?? exclusiveMinimum) === undefined || (maximum ?? exclusiveMaximum) === undefined
  })
  assert.equal(paths(open), [])
})

test("every number has its unit, and a name that says one says the same", () => {
  assert.ok(numbers.length >= 40, `${numbers.length} were found`)
  const bare = numbers.filter(({ schema, name }) => schema["x-veloz-unit"] === undefined && !UNITLESS.has(name))
  assert.equal(paths(bare), [], "give it an x-veloz-unit; what counts nothing is listed above")
  const others = options.filter(({ name, schema }) => {
    const unit = Object.entries(NAMED_UNITS).find(([ending]) => name.endsWith(ending))?.[1]
    return unit !== undefined && schema["x-veloz-unit"] !== unit
  })
  assert.equal(paths(others), [])
})

test("every option of a plugin has a default, or its description says what happens without it", () => {
  const bare = options.filter(({ schema, depth }) => {
    const isGroup = schema.properties !== undefined
    return (
      depth === 1 && !isGroup && schema.default === undefined && !/without it|left out/.test(schema.description ?? "")
    )
  })
  assert.equal(paths(bare), [])
})

test("the defaults of every shipped schema fit it", () => {
  for (const [name, schema] of shipped.plugins) assert.equal(validate(schema, defaultsOf(schema), [name]), [])
})

test("no two options share an environment variable", () => {
  const names: string[] = []
  const collect = (schema: OptionSchema): void => {
    for (const property of Object.values(schema.properties ?? {})) {
      if (property["x-veloz-env"]) names.push(property["x-veloz-env"])
      collect(property)
    }
  }
  for (const schema of [shipped.root, ...shipped.plugins.values()]) collect(schema)
  assert.equal(names.length, new Set(names).size)
  assert.is(variablesOf(shipped).size, names.length)
  assert.ok(names.every((name) => /^VELOZ_[A-Z0-9_]+$/.test(name)))
})

test("no credential of a venue is an option", () => {
  for (const [name, schema] of shipped.plugins) {
    // The accounts of the embedded exchange hold play money.
    if (name === "sim-exchange") continue
    for (const option of Object.keys(schema.properties ?? {})) {
      assert.not(/secret|password|api_key/.test(option), `${name}.${option}`)
    }
  }
})

test("a schema is found along properties, items and maps", () => {
  assert.is(schemaAt(shipped.plugins.get("market-data"), ["order_book_depth"])?.maximum, 5000)
  assert.equal(schemaAt(shipped.plugins.get("kernel-tuning"), ["sysctl", "a.b"])?.type, ["string", "integer"])
  assert.is(schemaAt(shipped.plugins.get("alerts"), ["rules", "0", "threshold"])?.type, "number")
  assert.is(schemaAt(shipped.plugins.get("market-data"), ["nope"]), undefined)
})

test("a schema that says nothing of other names is closed, one that allows them stays open", () => {
  const schema: OptionSchema = {
    type: "object",
    properties: {
      a: { type: "object", properties: {} },
      b: { type: "object", properties: {}, additionalProperties: true },
    },
  }
  const made = closed(schema)
  assert.is(made.additionalProperties, false)
  assert.is(made.properties?.a.additionalProperties, false)
  assert.is(made.properties?.b.additionalProperties, true)
})

test("the generated types fit the schemas", () => {
  const script = fileURLToPath(new URL("../../../../scripts/generate-types.mjs", import.meta.url))
  assert.not.throws(() => execFileSync(process.execPath, [script, "--check"], { stdio: "pipe" }))
})

test.run()

function optionsOf(schema: OptionSchema, prefix: string, depth: number): Option[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const path = `${prefix}.${name}`
    const more = typeof option.additionalProperties === "object" ? option.additionalProperties : {}
    const inner = [option, option.items ?? {}, more].flatMap((node) => optionsOf(node, path, depth + 1))
    return [{ path, name, depth, schema: option }, ...inner]
  })
}

function paths(found: readonly Option[]): string[] {
  return found.map(({ path }) => path)
}
