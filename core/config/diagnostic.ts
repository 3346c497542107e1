import { formatPlace, type Place } from "./place.js"

/** One thing that is wrong with a configuration, or that its author should know. */
export interface Diagnostic {
  readonly code: string
  /** A sentence: what was expected and what was found. */
  readonly message: string
  /** The path of the option, such as `plugins.market-data.order_book_depth`; empty for the whole. */
  readonly path: string
  readonly value?: unknown
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** The lines of the file around the place. */
  readonly frame?: string
  /** How to mend it. */
  readonly hint?: string
}

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  readonly code = "VELOZ_CONFIG_INVALID"
  readonly diagnostics: readonly Diagnostic[]
  /** The files that were read, so that a watcher can wait for the mend. */
  readonly files: readonly string[]

  constructor(diagnostics: readonly Diagnostic[], files: readonly string[]) {
    super(formatDiagnostics(diagnostics))
    this.name = "ConfigError"
    this.diagnostics = diagnostics
    this.files = files
  }
}

export function formatDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const count = diagnostics.length === 1 ? "one problem" : `${diagnostics.length} problems`
  return [`${count} in the configuration`, ...diagnostics.map(formatDiagnostic)].join("\n\n")
}

export function formatDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${diagnostic.code}: ${diagnostic.message}`]
  const place = placeOf(diagnostic)
  if (place !== undefined) lines.push(`  at ${formatPlace(place)}`)
  if (diagnostic.frame !== undefined) lines.push(indent(diagnostic.frame))
  if (diagnostic.hint !== undefined) lines.push(`  ${diagnostic.hint}`)
  return lines.join("\n")
}

export function placeOf(diagnostic: Diagnostic): Place | undefined {
  const { file, line, column } = diagnostic
  return file === undefined ? undefined : { file, line, column }
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n")
}
