import fs from "node:fs"
import path from "node:path"
import { FileLock } from "../os/file-lock.js"
import { makeFolder } from "../os/make-folder.js"
import { readFileIfAny } from "../os/read-file.js"
import { journalBusyError, journalFailedError } from "./errors.js"
import { type Identity, ownIdentity, startOf } from "./identity.js"
import { currentContent, Journal, type JournalEntry, type Owner, type OwnerKind, parseJournal } from "./journal.js"
import type { Machine } from "./tunable.js"
import { type Undone, undoEntry } from "./undo.js"

/** An entry of somebody else's journal, whose owner lives. */
export interface OthersEntry {
  readonly entry: JournalEntry
  readonly owner: Owner
}

/** What became of an entry that was found without its owner. */
export interface Recovered extends Undone {
  readonly owner: Owner
}

export interface Recovery {
  readonly undone: readonly Recovered[]
  /** Of another network namespace: they can only be put back there. */
  readonly elsewhere: readonly OthersEntry[]
  /** Of engines that run. */
  readonly living: readonly OthersEntry[]
}

/** The undo journals of this machine: our own, and those of others, dead or alive. */
export class Journals {
  readonly #identity: Identity
  #own: Journal | undefined

  constructor(
    readonly folder: string,
    private readonly machine: Machine,
    private readonly kind: OwnerKind = "engine",
    identity: Identity = ownIdentity(),
  ) {
    this.#identity = identity
  }

  /** Nothing else reads or writes journals meanwhile, nor a value that one tells of. */
  exclusively<T>(work: () => T): T {
    const lock = this.#lock()
    try {
      return work()
    } finally {
      lock.release()
    }
  }

  /** Whether there may be anything in it. */
  exist(): boolean {
    return listFiles(this.folder).length > 0
  }

  /** Our own journal. It is made with the first value that is written. */
  get own(): Journal {
    if (this.#own !== undefined) return this.#own
    const owner = { kind: this.kind, name: process.title.slice(0, 32), ...this.#identity }
    const file = this.#ownFile
    try {
      this.#own = Journal.open(file, owner)
    } catch (error) {
      throw journalFailedError(this.folder, error)
    }
    if (this.#own === undefined) throw journalBusyError(file)
    return this.#own
  }

  /** What it says, without making it: that of `veloz tune` is opened again and again. */
  get ownEntries(): ReadonlyMap<string, JournalEntry> {
    if (this.#own !== undefined) return this.#own.entries
    return currentContent(readFileIfAny(this.#ownFile) ?? "", this.#identity).entries
  }

  get #ownFile(): string {
    const { netns, pid, started } = this.#identity
    return path.join(this.folder, this.kind === "cli" ? `cli-${netns}.jsonl` : `engine-${pid}-${started}.jsonl`)
  }

  /** Closes our own journal. What it still has is found by whoever starts next. */
  dispose(): void {
    this.#own?.dispose()
    this.#own = undefined
  }

  /** Values that engines which run have set in our network namespace, or on the host. */
  living(): Map<string, OthersEntry> {
    const found = new Map<string, OthersEntry>()
    for (const { content } of this.#others().filter(({ isAlive }) => isAlive)) {
      for (const entry of content.entries.values()) {
        if (this.#isHere(entry, content.owner)) found.set(entry.id, { entry, owner: content.owner })
      }
    }
    return found
  }

  /**
   * Puts back what owners left that are no more: killed engines, and with `kinds` also what `veloz tune apply` has set.
   * Each value only if it is still as they set it.
   */
  recover(kinds: readonly OwnerKind[] = ["engine"]): Recovery {
    const living = this.living()
    const undone: Recovered[] = []
    const elsewhere: OthersEntry[] = []
    for (const { file, content, isAlive } of this.#others()) {
      const { owner, entries } = content
      if (isAlive || !kinds.includes(owner.kind)) continue
      if (owner.boot !== this.#identity.boot) {
        fs.rmSync(file, { force: true })
        continue
      }
      const journal = Journal.open(file, owner)
      if (journal === undefined) continue
      for (const entry of [...entries.values()].reverse()) {
        if (!this.#isHere(entry, owner)) elsewhere.push({ entry, owner })
        // Somebody who lives wants it as it is, and will put it back to what this one has set, or to what was before.
        else if (living.has(entry.id)) {
          if (owner.kind === "engine") journal.close(entry.id)
        } else undone.push({ ...this.#undo(journal, entry), owner })
      }
      journal.dispose()
    }
    return { undone, elsewhere, living: [...living.values()] }
  }

  /** What `recover` would look at: entries without a living owner, of this start of the machine and this namespace. */
  abandoned(): OthersEntry[] {
    return this.#others()
      .filter(({ isAlive, content }) => !isAlive && content.owner.boot === this.#identity.boot)
      .flatMap(({ content: { owner, entries } }) => [...entries.values()].reverse().map((entry) => ({ entry, owner })))
      .filter(({ entry, owner }) => this.#isHere(entry, owner))
  }

  #undo(journal: Journal, entry: JournalEntry): Undone {
    const result = undoEntry(entry, this.machine)
    if (result.outcome !== "failed") journal.close(entry.id)
    return result
  }

  #isHere({ scope }: JournalEntry, { netns }: Owner): boolean {
    return scope !== "network namespace" || netns === this.#identity.netns
  }

  #others(): OthersJournal[] {
    return listFiles(this.folder)
      .map((name) => path.join(this.folder, name))
      .filter((file) => file !== this.#own?.file && isTrusted(file))
      .flatMap((file) => {
        const { owner, entries } = parseJournal(readFileIfAny(file) ?? "")
        if (owner === undefined) return []
        return { file, content: { owner, entries }, isAlive: owner.kind === "engine" && isHeld(file, owner) }
      })
  }

  #lock(): FileLock {
    try {
      makeFolder(this.folder, 0o700)
      const file = path.join(this.folder, LOCK)
      for (const endMs = Date.now() + LOCK_WITHIN_MS; ; ) {
        const lock = FileLock.tryOpen(file)
        if (lock !== undefined) return lock
        if (Date.now() > endMs) throw journalBusyError(file)
        Atomics.wait(NOTHING, 0, 0, 5)
      }
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall === undefined ? error : journalFailedError(this.folder, error)
    }
  }
}

interface OthersJournal {
  readonly file: string
  readonly content: { readonly owner: Owner; readonly entries: ReadonlyMap<string, JournalEntry> }
  readonly isAlive: boolean
}

const LOCK = "lock"
// Others hold it for as long as they write some values: milliseconds.
const LOCK_WITHIN_MS = 5_000
const NOTHING = new Int32Array(new SharedArrayBuffer(4))
/** Nothing but values of the kernel is ever put back, whatever a journal says. */
const KERNEL_PATH = /^\/(proc\/sys|proc\/irq|sys)\/(?!.*\/\.\.?(\/|$))/

/** The owner holds the lock of its journal. Where locks do not work, its process tells. */
function isHeld(file: string, { pid, started }: Owner): boolean {
  const lock = FileLock.tryOpen(file)
  lock?.release()
  return lock === undefined || (process.platform !== "linux" && startOf(pid) === started)
}

/** A journal makes root write: so root believes those alone that root has written. */
function isTrusted(file: string): boolean {
  try {
    const { uid, mode } = fs.statSync(file)
    const isOurs = uid === process.geteuid?.()
    const entries = [...parseJournal(readFileIfAny(file) ?? "").entries.values()]
    return (
      isOurs && (mode & 0o022) === 0 && entries.every(({ files }) => files.every(({ path }) => KERNEL_PATH.test(path)))
    )
  } catch {
    return false
  }
}

function listFiles(folder: string): string[] {
  try {
    return fs.readdirSync(folder).filter((name) => name.endsWith(".jsonl"))
  } catch {
    return []
  }
}
