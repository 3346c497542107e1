import type { OptionSchema } from "../config/schemas.js"
import { optionFacts } from "./option-facts.js"

// The TypeScript of options, made while an engine runs. Plain interfaces, and doc comments on lines of their own: what
// a checker shows of mapped types and of comments beside a brace differs from version to version.

/**
 * The source of an interface for what an author may write: everything may be left out, and `null` goes back to the
 * layer below. Anybody may use it who writes types of a schema, such as the scaffold of a plugin.
 */
export function emitInterface(name: string, schema: OptionSchema): string {
  const members = emitMembers(schema, "settings", "  ")
  const body = members === "" ? "  [option: string]: never\n" : members
  return `${emitDoc([schema.description], "")}export interface ${name} {\n${body}}\n`
}

/** "veloz-plugin-spread" and "./plugins/spread.ts" -> "VelozPluginSpreadSettings" and "PluginsSpreadSettings". */
export function interfaceName(specifier: string): string {
  const words = specifier.replace(/\.[cm]?[jt]s$/, "").match(/[A-Za-z0-9]+/g) ?? []
  const name = words.map((word) => word[0].toUpperCase() + word.slice(1)).join("")
  return `${/^[0-9]/.test(name) ? "_" : ""}${name}Settings`
}

/** A doc comment of paragraphs; empty when there are none. */
export function emitDoc(paragraphs: readonly (string | undefined)[], indent: string): string {
  const told = paragraphs.filter((text) => text !== undefined && text.trim() !== "")
  if (told.length === 0) return ""
  const lines = told.join("\n\n").replaceAll("*/", "*\\/").split(/\r?\n/)
  const body = lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")
  return `${indent}/**\n${body}\n${indent} */\n`
}

/** Options may be left out; of the items of a list, what is required must be there. */
type Place = "settings" | "item"

function emitMembers(schema: OptionSchema, place: Place, indent: string): string {
  const { properties = {}, required = [] } = schema
  const members = Object.entries(properties).map(([key, property]) => {
    const isNeeded = place === "item" && required.includes(key)
    const type = emitType(property, place, indent) + (place === "settings" ? " | null" : "")
    return `${docOf(property, indent)}${indent}${emitKey(key)}${isNeeded ? "" : "?"}: ${type}\n`
  })
  return members.join("") + emitIndex(schema, place, indent)
}

/** Quotes only where they are needed: editors show a name as it is written. */
function emitKey(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)
}

function docOf(schema: OptionSchema, indent: string): string {
  const { default: value } = schema
  const fallback = value === undefined ? undefined : `@default ${JSON.stringify(value)}`
  return emitDoc([schema.description, optionFacts(schema).join(" "), fallback], indent)
}

/** Beside named options an index has to fit them all, so that it promises nothing. */
function emitIndex(schema: OptionSchema, place: Place, indent: string): string {
  const { properties = {}, additionalProperties: more, patternProperties: patterns } = schema
  if ((more === undefined || more === false) && patterns === undefined) return ""
  const isAlone = Object.keys(properties).length === 0 && patterns === undefined && typeof more === "object"
  const type = isAlone ? emitType(more, place, indent) + (place === "settings" ? " | null" : "") : "unknown"
  const doc = isAlone ? docOf(more, indent) : ""
  return `${doc}${indent}[name: string]: ${type}\n`
}

function emitType(schema: OptionSchema, place: Place, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)))
  const branches = schema.anyOf ?? schema.oneOf
  if (branches !== undefined) return union(branches.map((branch) => emitType(branch, place, indent)))
  const types = [schema.type ?? []].flat()
  if (types.length === 0) return "unknown"
  return union(types.map((type) => emitNamedType(type, schema, place, indent)))
}

function emitNamedType(type: string, schema: OptionSchema, place: Place, indent: string): string {
  switch (type) {
    case "integer":
    case "number":
      return "number"
    case "string":
    case "boolean":
    case "null":
      return type
    case "array":
      return `readonly ${parenthesized(schema.items === undefined ? "unknown" : emitType(schema.items, "item", indent))}[]`
    case "object":
      return emitObject(schema, place, indent)
    default:
      return "unknown"
  }
}

function emitObject(schema: OptionSchema, place: Place, indent: string): string {
  const members = emitMembers(schema, place, `${indent}  `)
  return members === "" ? "object" : `{\n${members}${indent}}`
}

function union(types: readonly string[]): string {
  return types.length === 0 ? "never" : [...new Set(types)].join(" | ")
}

function parenthesized(type: string): string {
  return type.startsWith("{") || !type.includes(" ") ? type : `(${type})`
}
