import type { Diagnostic } from "../config/diagnostic.js"
import { isPlainObject } from "../config/path.js"
import type { PathChange } from "../config/plan.js"
import type { OptionSchema } from "../config/schemas.js"
import { validate } from "../config/validate.js"

/**
 * What became of an attempt to change the configuration. `begun` is one that still runs, or whose engine ended in the
 * middle of it.
 */
export type Outcome = "begun" | "committed" | "rejected" | "unchanged"

/** Who wanted a change: the start of the engine, a saved file, or somebody over HTTP. */
export interface Author {
  readonly layer: "start" | "file" | "api"
  /** For readers: `a save`, `POST /api/config/market_data`. */
  readonly name: string
}

/** One attempt to change the configuration of a project, as it is kept and shown. */
export interface Attempt {
  /** Counts the attempts of a project, over restarts. One that is committed becomes the generation of this number. */
  readonly number: number
  /** When it began: milliseconds since 1970. */
  readonly time: number
  readonly layer: Author["layer"]
  readonly author: string
  readonly outcome: Outcome
  /** The generation that was in force afterwards; 0 where there was none. */
  readonly generation: number
  readonly duration_ms: number | null
  readonly summary: string
  readonly changes: readonly PathChange[]
  /** Why it was rejected. */
  readonly diagnostics: readonly Diagnostic[]
  /** The generation that it brought back. */
  readonly restores: number | null
  readonly engine: { readonly pid: number; readonly version: string; readonly url: string | null }
  /** Names of kept objects: the effective configuration, and where each value came from. */
  readonly values: string | null
  readonly origins: string | null
  readonly plugins: readonly PluginCode[]
  /** The files that decided it, relative to the folder of the configuration: the names of their kept texts. */
  readonly sources: Readonly<Record<string, string>>
  /** Files whose text is not kept, because it seems to hold a secret or is too large. */
  readonly withheld: readonly string[]
}

/** The code of a plugin as it ran. */
export interface PluginCode {
  readonly name: string
  readonly specifier: string
  readonly version: string
  /** Null of a plugin that comes with VeloZ. */
  readonly bundle: KeptBundle | null
}

export interface KeptBundle {
  readonly entry: string
  /** The plugin's name where it is one of several exports. */
  readonly plugin: string | null
  /** Of the code, and the name under which it is kept with its source map. */
  readonly hash: string
  readonly object: string
}

/** The attempt that a text holds, or what is wrong with it. */
export function parseAttempt(text: string, number: number): Attempt | { readonly problem: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { problem: text === "" ? "it is empty" : "it is no JSON" }
  }
  if (!isPlainObject(value)) return { problem: "it is no object" }
  if (value.number !== number) return { problem: `its number is ${value.number}` }
  const [finding] = validate(ATTEMPT, value, [])
  return finding === undefined ? (value as unknown as Attempt) : { problem: finding.diagnostic.message }
}

const TEXT: OptionSchema = { type: "string" }
const NUMBER: OptionSchema = { type: "number" }
const INTEGER: OptionSchema = { type: "integer", minimum: 0 }
// Names of objects are names of files: nothing but a hash may be looked up.
const HASH_PATTERN = "^[0-9a-f]{64}$"
const HASH: OptionSchema = { type: "string", pattern: HASH_PATTERN }
const HASH_OR_NONE: OptionSchema = { type: ["string", "null"], pattern: HASH_PATTERN }

const ATTEMPT = record({
  number: INTEGER,
  time: NUMBER,
  layer: { enum: ["start", "file", "api"] },
  author: TEXT,
  outcome: { enum: ["begun", "committed", "rejected", "unchanged"] },
  generation: INTEGER,
  duration_ms: { type: ["number", "null"] },
  summary: TEXT,
  changes: { type: "array", items: record({ path: TEXT, reload: TEXT }) },
  diagnostics: { type: "array", items: record({ code: TEXT, message: TEXT, path: TEXT }) },
  restores: { type: ["integer", "null"] },
  engine: record({ pid: INTEGER, version: TEXT, url: { type: ["string", "null"] } }),
  values: HASH_OR_NONE,
  origins: HASH_OR_NONE,
  plugins: {
    type: "array",
    items: record({
      name: TEXT,
      specifier: TEXT,
      version: TEXT,
      bundle: {
        ...record({ entry: TEXT, plugin: { type: ["string", "null"] }, hash: HASH, object: HASH }),
        type: ["object", "null"],
      },
    }),
  },
  sources: { type: "object", additionalProperties: HASH },
  withheld: { type: "array", items: TEXT },
})

/** An object that has all of these members, and may have others. */
function record(properties: Record<string, OptionSchema>): OptionSchema {
  return { type: "object", properties, required: Object.keys(properties) } as OptionSchema
}
