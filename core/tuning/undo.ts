import { readFileState } from "./file-text.js"
import type { JournalEntry, JournalFile } from "./journal.js"
import type { Machine } from "./tunable.js"

/**
 * clean: it was as before already. restored: it was as we had set it, and is as before. foreign: somebody else has set it to
 * something else since, and it was left. failed: it is still as we set it, because the kernel does not let it be put back.
 */
export type UndoOutcome = "clean" | "restored" | "foreign" | "failed"

export interface Undone {
  readonly id: string
  readonly outcome: UndoOutcome
  /** What was found, and what it was before. */
  readonly found: string
  readonly original: string
  /** The error of the system, of what failed. */
  readonly error?: unknown
}

/** Puts the files of an entry back, as far as they are still as we set them. */
export function undoEntry(entry: JournalEntry, machine: Machine): Undone {
  const before = entry.files.map((file) => judged(file, machine))
  const isOurs = before.some(({ state }) => state === "ours")
  // Of a companion that was not read back it is not known what the kernel made of it: it goes with the others.
  const due = before.filter(({ state }) => state === "ours" || (state === "unknown" && isOurs)).map(({ file }) => file)
  const error = restore(due, machine)
  const isLeft = due.some((file) => textOf(file, machine) !== file.original)
  const isForeign = before.some(({ state }) => state === "foreign")
  const about = { id: entry.id, found: texts(before.map(({ text }) => text)), original: originalOf(entry) }
  if (isLeft) return { ...about, outcome: "failed", error }
  if (isForeign) return { ...about, outcome: "foreign" }
  return { ...about, outcome: due.length > 0 ? "restored" : "clean" }
}

/** Several files that say the same are one text. */
export function originalOf({ files }: JournalEntry): string {
  return texts(files.filter(({ ours }) => ours.length > 0).map(({ original }) => original))
}

const texts = (all: readonly (string | undefined)[]): string =>
  [...new Set(all.map((text) => text ?? "gone"))].join(", ")

/**
 * Files of a group move each other: to write one may be refused, and yet it is as before when another one was written. So
 * what counts is how they stand in the end.
 */
function restore(files: readonly JournalFile[], machine: Machine): unknown {
  let failure: unknown
  for (let round = 0; round < 2; round++) {
    failure = undefined
    for (const file of files) {
      if (textOf(file, machine) === file.original) continue
      try {
        machine.write(file.path, file.original)
      } catch (error) {
        failure = error
      }
    }
  }
  return failure
}

interface Judged {
  readonly file: JournalFile
  readonly state: "original" | "ours" | "foreign" | "gone" | "unknown"
  readonly text: string | undefined
}

function judged(file: JournalFile, machine: Machine): Judged {
  const text = textOf(file, machine)
  if (text === undefined) return { file, text, state: "gone" }
  if (text === file.original) return { file, text, state: "original" }
  if (file.ours.length === 0) return { file, text, state: "unknown" }
  return { file, text, state: file.ours.includes(text) ? "ours" : "foreign" }
}

/** Undefined when the file is no more: a CPU that went offline, a card that was taken out. */
function textOf({ path, form }: JournalFile, machine: Machine): string | undefined {
  try {
    return readFileState(machine, path, form).text
  } catch {
    return undefined
  }
}
