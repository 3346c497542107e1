import fs from "node:fs"
import path from "node:path"
import { tryLock } from "../os/file-lock.js"
import { makeFolder } from "../os/make-folder.js"
import { journalFailedError } from "./errors.js"
import type { Identity } from "./identity.js"
import type { FileForm, TunableScope } from "./tunable.js"

// The undo journal of one owner: lines of JSON, each on the disk before what it announces is done.
//
//   {"owner": {...}}                                          who writes it
//   {"set": "net.ipv4.tcp_fin_timeout", "scope": ..., "files": [{path, form, original, ours}]}   about to be written
//   {"did": "net.ipv4.tcp_fin_timeout", "files": [[path, text]]}   written, and read back as this
//   {"now": "net.ipv4.tcp_fin_timeout", "files": [...]}       what is put back, and what is ours, is this from now on
//   {"over": "net.ipv4.tcp_fin_timeout"}                      put back, or given up to somebody else

/** An engine's values end with it; those of `veloz tune apply` stay until `veloz tune rollback`. */
export type OwnerKind = "engine" | "cli"

export interface Owner extends Identity {
  readonly kind: OwnerKind
  /** Of its process. */
  readonly name: string
}

/** A value that is not as it was before. */
export interface JournalEntry {
  readonly id: string
  readonly scope: TunableScope
  readonly files: readonly JournalFile[]
}

export interface JournalFile {
  readonly path: string
  readonly form: FileForm
  readonly original: string
  /** Texts that are ours: what was written, or read back. None: a companion of which it is not known what the kernel made. */
  readonly ours: readonly string[]
}

/** What a journal says, whoever reads it. */
export interface JournalContent {
  readonly owner: Owner | undefined
  readonly entries: ReadonlyMap<string, JournalEntry>
}

/** A journal that is open for its owner, who holds its lock for as long as it lives. */
export class Journal {
  readonly #entries: Map<string, JournalEntry>
  #fd: number
  #bytes: number
  /** The last line may be cut off: the next one does not go on in it. */
  #isTorn: boolean

  private constructor(
    readonly file: string,
    readonly owner: Owner,
    fd: number,
    text: string,
    entries: ReadonlyMap<string, JournalEntry>,
  ) {
    this.#fd = fd
    this.#bytes = text.length
    this.#isTorn = text !== "" && !text.endsWith("\n")
    this.#entries = new Map(entries)
  }

  /** Opens the journal, or makes it. Undefined when another process has it open. */
  static open(file: string, owner: Owner): Journal | undefined {
    makeFolder(path.dirname(file), 0o700)
    const fd = fs.openSync(file, OPEN_FLAGS, 0o600)
    if (!tryLock(fd) || !isSameFile(fd, file)) {
      fs.closeSync(fd)
      return undefined
    }
    const text = fs.readFileSync(fd, "utf8")
    const content = currentContent(text, owner)
    const journal = new Journal(file, content.owner ?? owner, fd, text, content.entries)
    if (content.owner === undefined) {
      journal.#begin()
      syncFolder(path.dirname(file))
    }
    return journal
  }

  /** In the order in which they were set. */
  get entries(): ReadonlyMap<string, JournalEntry> {
    return this.#entries
  }

  /** These files are about to be written. What they were before the first time stays what they are put back to. */
  intend({ id, scope, files }: JournalEntry): void {
    this.#append({ set: id, scope, files: files.map(fileLine) })
    this.#entries.set(id, merged(this.#entries.get(id), { id, scope, files }))
  }

  /** They were written, and read back as this. */
  settle(id: string, texts: ReadonlyMap<string, string>): void {
    this.#append({ did: id, files: [...texts] })
    this.#entries.set(id, settled(this.#entries.get(id)!, texts))
    if (this.#bytes > LONGEST_BYTES) this.#rewrite()
  }

  /** Somebody else has changed it: this is what is known of it from now on. */
  replace({ id, scope, files }: JournalEntry): void {
    this.#append({ now: id, scope, files: files.map(fileLine) })
    this.#entries.set(id, { id, scope, files })
  }

  /** Nothing of it is left to undo. */
  close(id: string): void {
    if (!this.#entries.has(id)) return
    this.#entries.delete(id)
    if (this.#entries.size > 0) this.#append({ over: id })
    else this.#begin()
  }

  /** Ends the lock. A journal without entries leaves no file. */
  dispose(): void {
    if (this.#entries.size === 0) fs.rmSync(this.file, { force: true })
    fs.closeSync(this.#fd)
  }

  #begin(): void {
    fs.ftruncateSync(this.#fd)
    this.#bytes = 0
    this.#isTorn = false
    this.#append({ owner: this.owner })
  }

  /** What counts, in a file that takes the place of the long one. Both are locked, so that nobody takes us for dead. */
  #rewrite(): void {
    const next = `${this.file}.new`
    const entries = [...this.#entries.values()].map(({ id, scope, files }) => ({
      now: id,
      scope,
      files: files.map(fileLine),
    }))
    const text = [{ owner: this.owner }, ...entries].map((line) => `${JSON.stringify(line)}\n`).join("")
    fs.rmSync(next, { force: true })
    const fd = fs.openSync(next, OPEN_FLAGS, 0o600)
    tryLock(fd)
    fs.writeSync(fd, text)
    fs.fsyncSync(fd)
    fs.renameSync(next, this.file)
    syncFolder(path.dirname(this.file))
    fs.closeSync(this.#fd)
    this.#fd = fd
    this.#bytes = text.length
  }

  #append(line: object): void {
    const text = `${this.#isTorn ? "\n" : ""}${JSON.stringify(line)}\n`
    try {
      this.#isTorn = true
      if (fs.writeSync(this.#fd, text) < text.length) throw new Error("the disk is full")
      fs.fsyncSync(this.#fd)
    } catch (error) {
      throw journalFailedError(path.dirname(this.file), error)
    }
    this.#isTorn = false
    this.#bytes += text.length
  }
}

const OPEN_FLAGS = fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_APPEND
/** Of an engine whose configuration changes every second for a day. */
const LONGEST_BYTES = 1 << 20

/** Of another start of the machine nothing is left. */
export function currentContent(text: string, { boot }: Pick<Owner, "boot">): JournalContent {
  const content = parseJournal(text)
  return content.owner?.boot === boot ? content : { owner: undefined, entries: new Map() }
}

/** A last line that is cut off announced something that was never done. */
export function parseJournal(text: string): JournalContent {
  const entries = new Map<string, JournalEntry>()
  let owner: Owner | undefined
  for (const line of text.split("\n")) {
    const record = parsed(line)
    if (record?.owner !== undefined) owner = record.owner
    if (record?.set !== undefined) entries.set(record.set, merged(entries.get(record.set), entryOf(record)))
    if (record?.now !== undefined) entries.set(record.now, entryOf({ ...record, set: record.now }))
    const known = entries.get(record?.did ?? "")
    if (known !== undefined)
      entries.set(known.id, settled(known, new Map(record!.files as unknown as [string, string][])))
    if (record?.over !== undefined) entries.delete(record.over)
  }
  return { owner, entries }
}

const fileLine = ({ ours, ...file }: JournalFile): JournalFileLine => ({ ...file, ours: ours.at(-1) ?? null })

interface JournalFileLine extends Omit<JournalFile, "ours"> {
  readonly ours: string | null
}

interface JournalLine {
  readonly owner?: Owner
  readonly set?: string
  readonly did?: string
  readonly now?: string
  readonly over?: string
  readonly scope?: TunableScope
  readonly files?: readonly JournalFileLine[]
}

function parsed(line: string): JournalLine | undefined {
  try {
    return JSON.parse(line) as JournalLine
  } catch {
    return undefined
  }
}

function entryOf({ set = "", scope = "host", files = [] }: JournalLine): JournalEntry {
  return { id: set, scope, files: files.map(({ ours, ...file }) => ({ ...file, ours: ours === null ? [] : [ours] })) }
}

/** While a value is changed again, both what it was changed to before and what it is changed to now are ours. */
function merged(old: JournalEntry | undefined, next: JournalEntry): JournalEntry {
  if (old === undefined) return next
  const before = new Map(old.files.map((file) => [file.path, file]))
  const files = next.files.map((file) => {
    const known = before.get(file.path)
    before.delete(file.path)
    return known === undefined ? file : { ...file, original: known.original, ours: [...known.ours, ...file.ours] }
  })
  return { ...next, files: [...files, ...before.values()] }
}

function settled(entry: JournalEntry, texts: ReadonlyMap<string, string>): JournalEntry {
  const files = entry.files.map((file) => {
    const text = texts.get(file.path)
    return text === undefined ? file : { ...file, ours: [text] }
  })
  return { ...entry, files }
}

/** Whoever tidies up may have removed the file between its opening and its locking. */
function isSameFile(fd: number, file: string): boolean {
  try {
    return fs.fstatSync(fd).ino === fs.statSync(file).ino
  } catch {
    return false
  }
}

function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, "r")
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
