import { createHash } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { type FSWatcher, watch } from "chokidar"

export interface WatchOptions {
  /** The files that matter now; asked again after every change. Missing ones count: their creation is a change. */
  files(): readonly string[]
  /**
   * A content has changed, or a file was saved again after this answered false: the change was refused. Called one at a
   * time; what changes meanwhile is told afterwards. Must not reject.
   */
  onChange(): Promise<boolean>
  /** When the files were read that are in use (as Date.now() counts): later changes are told at once. */
  readonly sinceMs?: number
  /** A save is many events: wait until they have settled. */
  readonly debounceMs?: number
  /** How often files are looked at beside the events, which stop when a folder above is replaced. */
  readonly reconcileMs?: number
}

export interface Watch {
  close(): Promise<void>
}

/** Calls back when the content of a file changes. Resolves once changes are seen. */
export async function watchConfiguration(options: WatchOptions): Promise<Watch> {
  const watcher = new ContentWatcher(options)
  await watcher.start()
  return watcher
}

const DEBOUNCE_MS = 40
const RECONCILE_MS = 1000

class ContentWatcher implements Watch {
  readonly #options: WatchOptions
  /** Contents as they were when the last attempt began: what differs from them has not been told yet. */
  #contents = new Map<string, string>()
  #stats = new Map<string, string>()
  /** The stats of the last attempt, if it was refused: whoever saves the same once more wants another one. */
  #refused: ReadonlyMap<string, string> | undefined
  #events: FSWatcher | undefined
  #debounce: NodeJS.Timeout | undefined
  #reconcile: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isDirty = false
  #isClosed = false

  constructor(options: WatchOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    const files = this.#options.files()
    // Before the contents: a save in between then looks new once too often, and not never.
    this.#stats = await statsOf(files)
    this.#contents = await contentsOf(files)
    await this.#listen(files)
    this.#reconcileLater()
    const since = this.#options.sinceMs
    if (since !== undefined && (await changedSince(files, since))) {
      this.#contents.clear()
      this.#touch()
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#debounce)
    clearTimeout(this.#reconcile)
    await this.#running
    await this.#events?.close()
  }

  async #listen(files: readonly string[]): Promise<void> {
    await this.#events?.close()
    if (this.#isClosed) return
    const events = watch([...files], { ignoreInitial: true, atomic: false })
    this.#events = events
    events.on("all", () => this.#touch())
    // An event source that fails leaves the reconcile, which needs none.
    events.on("error", () => this.#touch())
    await new Promise<void>((resolve) => events.once("ready", () => resolve()))
  }

  /** Something may have changed. */
  #touch(): void {
    if (this.#isClosed) return
    clearTimeout(this.#debounce)
    this.#debounce = setTimeout(() => this.#attempt(), this.#options.debounceMs ?? DEBOUNCE_MS)
  }

  /** One attempt at a time: what arrives during one makes it run once more, so that the last write wins. */
  #attempt(): void {
    this.#isDirty = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#isDirty && !this.#isClosed) {
      this.#isDirty = false
      const files = this.#options.files()
      const stats = await statsOf(files)
      const contents = await contentsOf(files)
      this.#stats = stats
      const isSavedAgain = isNewer(stats, this.#refused)
      if (isSame(contents, this.#contents) && !isSavedAgain) continue
      this.#contents = contents
      this.#refused = (await this.#options.onChange()) ? undefined : stats
      await this.#follow()
    }
  }

  /** The attempt may have read other files than the one before. */
  async #follow(): Promise<void> {
    const files = this.#options.files()
    const added = files.filter((file) => !this.#contents.has(file))
    const gone = [...this.#contents.keys()].filter((file) => !files.includes(file))
    if (added.length === 0 && gone.length === 0) return
    for (const file of gone) {
      this.#contents.delete(file)
      this.#stats.delete(file)
    }
    // Of the added ones alone: a file that stays may have been saved since, and the reconcile has yet to see that.
    for (const [file, found] of await statsOf(added)) this.#stats.set(file, found)
    for (const [file, content] of await contentsOf(added)) this.#contents.set(file, content)
    this.#events?.unwatch(gone)
    this.#events?.add(added)
  }

  #reconcileLater(): void {
    if (this.#isClosed) return
    const period = this.#options.reconcileMs ?? RECONCILE_MS
    this.#reconcile = setTimeout(() => void this.#lookAround(), period).unref()
  }

  async #lookAround(): Promise<void> {
    const files = this.#options.files()
    const stats = await statsOf(files)
    if (!isSame(stats, this.#stats) && !this.#isClosed) {
      this.#stats = stats
      this.#touch()
      // The events may have died with a replaced folder: listen anew where the files are now.
      await this.#listen(files)
    }
    this.#reconcileLater()
  }
}

async function contentsOf(files: readonly string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(files.map(async (file): Promise<[string, string]> => [file, await hashOf(file)])))
}

async function hashOf(file: string): Promise<string> {
  const content = await readFile(file).catch(() => undefined)
  return content === undefined ? "missing" : createHash("sha256").update(content).digest("hex")
}

async function statsOf(files: readonly string[]): Promise<Map<string, string>> {
  const read = async (file: string): Promise<[string, string]> => {
    const found = await stat(file).catch(() => undefined)
    return [file, found === undefined ? "missing" : `${found.ino} ${found.size} ${found.mtimeMs}`]
  }
  return new Map(await Promise.all(files.map(read)))
}

// Files are stamped with a clock that ticks every few milliseconds. Taking an older save for a new one costs a reload
// that finds nothing to do.
const STAMP_SLACK_MS = 50

async function changedSince(files: readonly string[], sinceMs: number): Promise<boolean> {
  const stats = await Promise.all(files.map((file) => stat(file).catch(() => undefined)))
  return stats.some((found) => found !== undefined && found.ctimeMs >= sinceMs - STAMP_SLACK_MS)
}

/** Some file was saved since. Those that only one of the two attempts looked at say nothing. */
function isNewer(stats: ReadonlyMap<string, string>, before: ReadonlyMap<string, string> | undefined): boolean {
  return [...stats].some(([file, found]) => (before?.get(file) ?? found) !== found)
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([file, value]) => b.get(file) === value)
}
