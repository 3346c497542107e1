import { ConfigError, type Diagnostic, placeOf } from "../config/diagnostic.js"
import { formatPlace } from "../config/place.js"

/** What was wrong with an attempt, whatever refused it. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  if (error instanceof ConfigError) return error.diagnostics
  const { code, message } = error as { code?: unknown; message?: unknown }
  return [{ code: typeof code === "string" ? code : "VELOZ_BUG", message: String(message ?? error), path: "" }]
}

/** Files below `base` are named from there: `VELOZ_CONFIG_WRONG_VALUE: ... (veloz.config.ts:5:3), and 2 more`. */
export function summarizeRefusal([first, ...others]: readonly Diagnostic[], base: string): string {
  const place = placeOf(first)
  const text = `${first.code}: ${first.message}${place === undefined ? "" : ` (${formatPlace(place, base)})`}`
  return others.length === 0 ? text : `${text}, and ${others.length} more`
}
