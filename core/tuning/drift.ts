import { readFileState } from "./file-text.js"
import type { JournalEntry, JournalFile } from "./journal.js"
import type { FileState, Machine } from "./tunable.js"

/** A value of ours that somebody else has changed. */
export interface Drift {
  readonly id: string
  readonly found: string
  /** As we had set it. */
  readonly ours: string
  /** The entry, in which what somebody else has set is what it is put back to: without us the machine would have that. */
  readonly entry: JournalEntry
}

export function findDrift(entries: ReadonlyMap<string, JournalEntry>, machine: Machine): Drift[] {
  return [...entries.values()].flatMap((entry) => {
    const changed = new Map(entry.files.flatMap((file) => foreign(file, machine).map(({ text }) => [file, text])))
    if (changed.size === 0) return []
    const files = entry.files.map((file) => {
      const text = changed.get(file)
      return text === undefined ? file : { ...file, original: text, ours: [text] }
    })
    const ours = [...changed.keys()].map((file) => file.ours.at(-1)!)
    return { id: entry.id, found: join(changed.values()), ours: join(ours), entry: { ...entry, files } }
  })
}

/** A file that is gone has not drifted, and of a companion it may not be known what the kernel made of it. */
function foreign({ path, form, ours }: JournalFile, machine: Machine): FileState[] {
  try {
    const state = readFileState(machine, path, form)
    return ours.length === 0 || ours.includes(state.text) ? [] : [state]
  } catch {
    return []
  }
}

const join = (texts: Iterable<string>): string => [...new Set(texts)].join(", ")
