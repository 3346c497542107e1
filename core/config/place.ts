import { isAbsolute, relative } from "node:path"
import { hideSecrets } from "./secrets.js"

/** A position in a source file; lines and columns count from 1, as editors show them. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** The lines around a position, with a mark under what stands there. */
export function codeFrame(text: string, line: number, column: number): string {
  const lines = text.split(/\r?\n/)
  const first = Math.max(1, line - 2)
  const last = Math.min(lines.length, line + 1)
  const width = String(last).length
  // What stands far to the right of a long line is shown without what is before it.
  const cut = column > WIDEST ? column - WIDEST / 2 : 0
  const shown = (number: number): string => lines[number - 1].slice(cut, cut + WIDEST).replaceAll(UNPRINTABLE, "?")
  const rows: string[] = []
  for (let number = first; number <= last; number++) {
    const mark = number === line ? ">" : " "
    rows.push(`${mark} ${String(number).padStart(width)} | ${shown(number)}`.trimEnd())
    if (number === line) rows.push(`  ${" ".repeat(width)} | ${underline(shown(number), column - cut)}`)
  }
  return hideSecrets(rows.join("\n"))
}

const WIDEST = 120
// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not obey what a file holds
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffd]/g

/** Line and column of an offset in a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const lineStart = before.lastIndexOf("\n") + 1
  return { line: before.split("\n").length, column: offset - lineStart + 1 }
}

/** `file:line:column`; a file below `base` is named from there. */
export function formatPlace(place: Place, base?: string): string {
  const file = base === undefined ? place.file : nameFrom(base, place.file)
  if (place.line === undefined) return file
  return `${file}:${place.line}:${place.column ?? 1}`
}

function nameFrom(base: string, file: string): string {
  const name = relative(base, file)
  return name === "" || name.startsWith("..") || isAbsolute(name) ? file : name
}

/** Marks below a line what stands at a column: a text, a number or a name as a whole, of anything else its beginning. */
function underline(line: string, column: number): string {
  const before = line.slice(0, Math.max(0, column - 1))
  const [token] = TOKEN.exec(line.slice(before.length)) ?? ["^"]
  // Tabs stay tabs, so that the mark stands below what it means however wide they are.
  return before.replaceAll(/[^\t]/g, " ") + "^".repeat(token.length)
}

const TOKEN = /^("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[-+]?[\w$][\w$.-]*)/
