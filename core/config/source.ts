import { readFileSync } from "node:fs"
import type { Bundle } from "./bundle.js"
import type { Diagnostic } from "./diagnostic.js"
import type { Located } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame, type Place } from "./place.js"
import type { ConfigEnv } from "./types.js"

/** What a file of any format says, and where. */
export interface Source {
  readonly file: string
  /** The raw value: of a script, what it exports. `undefined` when it could not be had; `problems` says why. */
  readonly value: unknown
  /** The files that decide it, the missing ones included. */
  readonly files: readonly string[]
  readonly problems: readonly Diagnostic[]
  /** The place of a value, or of its key; at the least, the file. */
  locate(path: ConfigPath, part?: "key" | "value"): Located
}

export interface SourceContext {
  /** What `require("veloz")` and its other doors answer in a script. */
  readonly modules: Readonly<Record<string, unknown>>
  readonly env: ConfigEnv
  /** Tries a script where it can harm nobody, before it is run here. Rejects when it does not come to an end. */
  readonly trial?: (script: Pick<Bundle, "entry" | "code" | "hash">) => Promise<unknown>
}

/** Finds a path in a text; a reader of a format makes one. */
export type Locate = (path: ConfigPath, part: "key" | "value") => { line: number; column: number } | undefined

/** What a reader of a format makes of a text. */
export interface Reading {
  readonly value: unknown
  readonly problems: readonly Diagnostic[]
  readonly locate: Locate
}

export function failedSource(file: string, files: readonly string[], problems: readonly Diagnostic[]): Source {
  return { file, value: undefined, files, problems, locate: () => ({ file }) }
}

/** A place with the lines around it, where the text is at hand. */
export function withFrame(place: Place): Located {
  if (place.line === undefined) return place
  try {
    return {
      ...place,
      frame: codeFrame(readFileSync(place.file, "utf8").replace(/^\ufeff/, ""), place.line, place.column ?? 1),
    }
  } catch {
    return place
  }
}
