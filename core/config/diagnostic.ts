import type { LayerKind } from "./layers.js"
import { formatPlace, type Place } from "./place.js"
import type { OptionSchema } from "./schemas.js"

/** One thing that is wrong with a configuration, or that its author should know. */
export interface Diagnostic {
  readonly code: string
  /** A sentence: what was expected and what was found. */
  readonly message: string
  /** The path of the option, such as `plugins.market-data.order_book_depth`; empty for the whole. */
  readonly path: string
  readonly value?: unknown
  /** The layer that said it, and its name for readers: `preset "low-latency"`, `VELOZ_PORT`. */
  readonly layer?: LayerKind
  readonly source?: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The lines of the file around the place. */
  readonly frame?: string
  /** How to mend it. */
  readonly hint?: string
  /** Other options that have to do with it, such as the one that this one clashes with. */
  readonly related?: readonly Related[]
  /** What a request is answered that asked for it; without, that its parameters are bad. */
  readonly answer?: { readonly status: number; readonly error: string; readonly field: string | undefined }
}

/** Another option that a problem is about, and where it was set. */
export type Related = Pick<Diagnostic, "path" | "value" | "layer" | "source" | "file" | "line" | "column" | "frame">

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  /** That of the problem, where there is one only. */
  readonly code: string
  readonly diagnostics: readonly Diagnostic[]
  /** The files that were read, so that a watcher can wait for the mend. */
  readonly files: readonly string[]
  /** Of the plugins that were found all the same, by name: what editors are told of, so that the mend is easy. */
  readonly schemas: ReadonlyMap<string, OptionSchema>

  constructor(
    diagnostics: readonly Diagnostic[],
    files: readonly string[],
    schemas: ReadonlyMap<string, OptionSchema> = new Map(),
  ) {
    super(formatDiagnostics(diagnostics))
    this.name = "ConfigError"
    const code = "VELOZ_CONFIG_INVALID"
    this.code = diagnostics.length === 1 ? diagnostics[0].code : code
    this.diagnostics = diagnostics
    this.files = files
    this.schemas = schemas
  }
}

/** Files below `base` are named from there. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], base?: string): string {
  const texts = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, base))
  return texts.length === 1 ? texts[0] : [`${texts.length} problems in the configuration`, ...texts].join("\n\n")
}

export function formatDiagnostic(diagnostic: Diagnostic, base?: string): string {
  const lines = [`${diagnostic.code}: ${diagnostic.message}`, ...whereabouts(diagnostic, base)]
  for (const other of diagnostic.related ?? []) lines.push(`  with ${other.path}`, ...whereabouts(other, base))
  if (diagnostic.hint !== undefined) lines.push(`  ${diagnostic.hint}`)
  return lines.join("\n")
}

/** As programs read it: without what is for the process alone, and without what JSON cannot say. */
export function toJson({ answer: _answer, ...diagnostic }: Diagnostic): Diagnostic {
  if (!("value" in diagnostic) || isJson(diagnostic.value)) return diagnostic
  const { value: _value, ...rest } = diagnostic
  return rest
}

export function placeOf(diagnostic: Pick<Diagnostic, "file" | "line" | "column">): Place | undefined {
  const { file, line, column } = diagnostic
  return file === undefined ? undefined : { file, line, column }
}

function whereabouts(found: Related | Diagnostic, base: string | undefined): string[] {
  const place = placeOf(found)
  const { layer, source, frame } = found
  // The file is named by its place.
  const said = layer === "file" || source === undefined ? [] : [source]
  if (place === undefined) return said.map((name) => `  from ${name}`)
  return [`  at ${[formatPlace(place, base), ...said].join(", ")}`, ...(frame === undefined ? [] : [indent(frame)])]
}

function isJson(value: unknown): boolean {
  if (value === null || typeof value !== "object")
    return ["string", "boolean", "number", "object"].includes(typeof value)
  try {
    return JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")
}
