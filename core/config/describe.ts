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
  return oneOf(types.map((type) => describeType(type, schema)))
}

function describeType(type: string, schema: OptionSchema): string {
  switch (type) {
    case "integer":
      return `an integer${rangeOf(schema)}`
    case "number":
      return `a number${rangeOf(schema)}`
    case "boolean":
      return "true or false"
    case "string":
      return schema.pattern === undefined ? "text" : `text that matches ${schema.pattern}`
    case "array":
      return schema.items === undefined ? "a list" : `a list whose items are each ${describe(schema.items)}`
    case "object":
      return "an object"
    default:
      return type
  }
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: OptionSchema): string {
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
