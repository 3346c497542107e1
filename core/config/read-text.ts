import { readFile, stat } from "node:fs/promises"
import type { Diagnostic } from "./diagnostic.js"
import { emptyFileError, fileNotFoundError, fileTooLargeError, notTextError, unreadableError } from "./errors.js"

/** A configuration is written by hand: a file that is larger is something else. */
const LARGEST_BYTES = 4 * 1024 * 1024

/** The text of a configuration or a preset, without the mark of its byte order; or what is wrong with the file. */
export async function readText(file: string): Promise<{ text: string } | { problem: Diagnostic }> {
  try {
    const found = await stat(file)
    if (found.isDirectory()) return { problem: unreadableError(file, "it is a folder") }
    if (found.size > LARGEST_BYTES) return { problem: fileTooLargeError(file, found.size, LARGEST_BYTES) }
    const bytes = await readFile(file)
    if (bytes.includes(0)) return { problem: notTextError(file) }
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes)
    return text.trim() === "" ? { problem: emptyFileError(file) } : { text }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOENT") return { problem: fileNotFoundError(file) }
    return { problem: error instanceof TypeError ? notTextError(file) : unreadableError(file, message) }
  }
}
