import { codeProblems } from "./code-problems.js"
import type { SchemaSource } from "./composition.js"
import { takenVariable } from "./environment.js"
import { badSchemaError, type Diagnostic, pluginRefusal, unknownPluginError } from "./errors.js"
import { type Layer, type Merged, setterOf } from "./layers.js"
import { located, related } from "./locate.js"
import { nearest } from "./nearest.js"
import { closed, NO_OPTIONS, type OptionSchema, type WholeSchema } from "./schemas.js"
import { isFileSpecifier } from "./settings.js"
import { checkSchema } from "./validate.js"

export interface SchemaSearch {
  readonly source: SchemaSource
  readonly shipped: WholeSchema
  /** Which plugins are on. */
  readonly switches: Merged
  /** Plugins by value, by name. */
  readonly uses: ReadonlyMap<string, unknown>
  /** The folder that "./" means. */
  readonly root: string
  /** The layer to point at. */
  readonly layer: Layer
}

/** The schemas of all shipped plugins, and of every other one that is on. */
export async function findSchemas(search: SchemaSearch): Promise<{ schema: WholeSchema; problems: Diagnostic[] }> {
  const { shipped, switches, uses, layer } = search
  const plugins = new Map(shipped.plugins)
  const problems: Diagnostic[] = []
  const refuse = (name: string, diagnostic: Diagnostic) => {
    const keys = ["plugins", name]
    problems.push(located({ keys, part: "key", diagnostic }, setterOf(keys, switches)?.layer ?? layer))
  }
  for (const [name, { enabled }] of switches.plugins) {
    if (plugins.has(name) && !uses.has(name)) continue
    const near = isFileSpecifier(name) ? undefined : nearest(name, shipped.plugins.keys())
    if (!enabled) {
      // A plugin that is off is not loaded, since it may be off because it is broken. A misspelt one is caught.
      if (near !== undefined) refuse(name, unknownPluginError(name, undefined, near))
      continue
    }
    try {
      const schema = await schemaOf(name, search)
      const fault =
        checkSchema(schema) ?? takenVariable(schema, { root: shipped.root, plugins: without(plugins, name) })
      if (fault === undefined) plugins.set(name, schema)
      else refuse(name, badSchemaError(name, fault, await search.source.fileOf?.(name, uses.get(name), search.root)))
    } catch (error) {
      const broken = codeProblems(error, name)
      if (broken !== undefined) {
        const named = related(["plugins", name], setterOf(["plugins", name], switches))
        problems.push(...broken.map((problem) => ({ ...problem, related: [named] })))
        continue
      }
      const { code, message } = error as Error & { code?: string }
      const isFound = code?.startsWith("VELOZ_") === true && code !== "VELOZ_PLUGIN_NOT_FOUND"
      refuse(name, isFound ? pluginRefusal(name, code, message) : unknownPluginError(name, message, near))
    }
  }
  return { schema: { root: shipped.root, plugins }, problems }
}

function without<T>(all: ReadonlyMap<string, T>, name: string): Map<string, T> {
  return new Map([...all].filter(([key]) => key !== name))
}

async function schemaOf(name: string, { source, uses, root }: SchemaSearch): Promise<OptionSchema> {
  const found = await source.schemaOf(name, uses.get(name), root)
  return found === null ? NO_OPTIONS : closed(found as OptionSchema)
}
