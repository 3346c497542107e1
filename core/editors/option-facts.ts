import { describeShape } from "../config/describe.js"
import type { OptionSchema, Reload } from "../config/schemas.js"

/** What an editor and the documentation say of an option beside its description, a sentence each. */
export function optionFacts(schema: OptionSchema): string[] {
  const facts = [unitOf(schema), shapeOf(schema), environmentOf(schema), reloadOf(schema)]
  return facts.filter((fact) => fact !== undefined)
}

/** How a change of an option goes live, in words. */
export const RELOAD_WORDS: Readonly<Record<Reload, string>> = {
  live: "live at once",
  pipeline: "the pipeline is composed anew",
  plugin: "the plugin is started anew",
  engine: "new hot threads take over",
  restart: "with a restart of the engine",
}

function unitOf({ "x-veloz-unit": unit }: OptionSchema): string | undefined {
  return unit === undefined ? undefined : `Unit: ${unit}.`
}

/** Type and range, in the words in which an error asks for them; nothing where the bare type says all. */
function shapeOf(schema: OptionSchema): string | undefined {
  const text = describeShape(schema)
  if (schema.type === "object" || BARE.has(text)) return undefined
  return `${text[0].toUpperCase()}${text.slice(1)}.`
}

const BARE = new Set(["a value", "text", "true or false", "a number", "an integer", "a list"])

function environmentOf({ "x-veloz-env": name }: OptionSchema): string | undefined {
  return name === undefined ? undefined : `Environment: ${name}.`
}

function reloadOf({ "x-veloz-reload": reload }: OptionSchema): string | undefined {
  return reload === undefined ? undefined : `A change: ${RELOAD_WORDS[reload]}.`
}
