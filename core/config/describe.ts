import { show } from "./errors.js"
import type { OptionSchema } from "./schemas.js"

/** What a value must be, in words: "an integer from 1 to 5000 (levels)". */
export function describe(schema: OptionSchema): string {
  const unit = schema["x-veloz-unit"] === undefined ? "" : ` (${schema["x-veloz-unit"]})`
  return describeShape(schema) + unit
}

/** The same without its unit. */
export function describeShape(schema: OptionSchema): string {
  if (schema.const !== undefined) return show(schema.const)
  if (schema.enum !== undefined) return oneOf(schema.enum.map(show))
  const branches = schema.anyOf ?? schema.oneOf
  if (branches !== undefined) return oneOf(branches.map(describeShape))
  const types = [schema.type ?? []].flat()
  if (types.includes("string") && types.includes("number")) return `a decimal number${rangeOf(schema)}`
  if (types.length === 0) return "a value"
  return oneOf(types.flatMap((type) => (type === "boolean" ? ["true", "false"] : describeType(type, schema))))
}

function describeType(type: string, schema: OptionSchema): string {
  switch (type) {
    case "integer":
      return `an integer${rangeOf(schema)}`
    case "number":
      return `a number${rangeOf(schema)}`
    case "string":
      return schema.pattern === undefined ? "text" : `text that matches ${schema.pattern}`
    case "array":
      return describeList(schema)
    case "object":
      return "an object"
    default:
      return type
  }
}

function describeList({ items, minItems = 0 }: OptionSchema): string {
  const list = minItems > 0 ? `a list of ${minItems} or more` : "a list"
  return items === undefined ? list : `${list} whose items are each ${describe(items)}`
}

function rangeOf({ exclusiveMinimum, exclusiveMaximum, ...schema }: OptionSchema): string {
  const [minimum, maximum] = [bounded(schema.minimum), bounded(schema.maximum)]
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}`
  if (maximum !== undefined) return ` of at most ${maximum}`
  if (exclusiveMaximum !== undefined) return ` below ${exclusiveMaximum}`
  return ""
}

function oneOf(choices: readonly string[]): string {
  if (choices.length < 2) return choices[0] ?? "nothing"
  return `${choices.slice(0, -1).join(", ")} or ${choices[choices.length - 1]}`
}

/** What a number can be counted to exactly is the limit of every number, and none that is worth a word. */
function bounded(limit: number | undefined): number | undefined {
  return limit === undefined || Math.abs(limit) >= Number.MAX_SAFE_INTEGER ? undefined : limit
}
