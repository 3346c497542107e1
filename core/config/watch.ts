import { createHash } from "node:crypto"
import { readFile, stat } from "node:fs/promises"
import { setTimeout as sleep } from "node:timers/promises"
import { type FSWatcher, watch } from "chokidar"
import { isBeingWritten } from "../os/open-files.js"

export interface WatchOptions {
  /** The files that matter now; asked again after every change. Missing ones count: their creation is a change. */
  files(): readonly string[]
  /**
   * A content has changed, or a file was saved again after this answered false: the change was refused. Called one at a
   * time; what changes meanwhile is told afterwards. Must not reject. `noticedMs` is when the first sign of it was seen,
   * as performance.now() counts.
   */
  onChange(noticedMs: number): Promise<boolean>
  /** When the files were read that are in use (as Date.now() counts): later changes are told at once. */
  readonly sinceMs?: number
  /** A save is many writes: files are read when they have rested for so long, and nobody holds them open for writing. */
  readonly restMs?: number
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

const REST_MS = 12
/** Files that never rest are read all the same. */
const REST_AT_MOST_MS = 2000
const RECONCILE_MS = 1000
const READY_AT_MOST_MS = 500

class ContentWatcher implements Watch {
  readonly #options: WatchOptions
  /** Contents as they were when the last attempt began: what differs from them has not been told yet. */
  #contents = new Map<string, string>()
  #stats = new Map<string, string>()
  /** The stats of the last attempt, if it was refused: whoever saves the same once more wants another one. */
  #refused: ReadonlyMap<string, string> | undefined
  #events: FSWatcher | undefined
  #reconcile: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #isDirty = false
  #noticedMs: number | undefined
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
    clearTimeout(this.#reconcile)
    await this.#running
    await this.#events?.close()
  }

  async #listen(files: readonly string[]): Promise<void> {
    await this.#events?.close()
    if (this.#isClosed) return
    const events = watch([...files], { ignoreInitial: true, atomic: false })
    this.#events = events
    // The raw ones: of the others some are left out when a file is written again and again.
    events.on("raw", () => this.#touch())
    events.on("all", () => this.#touch())
    // An event source that fails leaves the reconcile, which needs none.
    events.on("error", () => this.#touch())
    // It may never be: of no files, or of one that goes while it begins.
    const ready = new Promise<void>((resolve) => events.once("ready", () => resolve()))
    await Promise.race([ready, sleep(READY_AT_MOST_MS, undefined, { ref: false })])
  }

  /** Something may have changed. One attempt at a time: what comes during one is looked at afterwards. */
  #touch(): void {
    if (this.#isClosed) return
    this.#noticedMs ??= performance.now()
    this.#isDirty = true
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    while (this.#isDirty && !this.#isClosed) {
      const noticedMs = this.#noticedMs!
      await this.#rested()
      this.#isDirty = false
      this.#noticedMs = undefined
      if (!this.#isClosed) await this.#attempt(noticedMs)
    }
  }

  async #attempt(noticedMs: number): Promise<void> {
    const files = this.#options.files()
    const stats = await statsOf(files)
    const contents = await contentsOf(files)
    this.#stats = stats
    const isSavedAgain = isNewer(stats, this.#refused)
    if (isSame(contents, this.#contents) && !isSavedAgain) return
    this.#contents = contents
    const beganMs = Date.now()
    this.#refused = (await this.#options.onChange(noticedMs)) ? undefined : stats
    await this.#follow(beganMs)
    // What was saved meanwhile may have been read half.
    if (isNewer(await statsOf(files), stats)) this.#touch()
  }

  /** Waits until the files are whole, as far as one can tell from outside. */
  async #rested(): Promise<void> {
    const files = this.#options.files()
    const endMs = performance.now() + REST_AT_MOST_MS
    let before = await statsOf(files)
    while (performance.now() < endMs && !this.#isClosed) {
      await sleep(this.#options.restMs ?? REST_MS)
      const stats = await statsOf(files)
      const changed = files.filter((file) => stats.get(file) !== this.#stats.get(file))
      if (isSame(stats, before) && !changed.some(isBeingWritten)) return
      before = stats
    }
  }

  /** The attempt may have read other files than the one before. */
  async #follow(beganMs: number): Promise<void> {
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
    // Unknown is what was saved since the attempt began, which may have read it before.
    const contents = (await changedSince(added, beganMs)) ? new Map<string, string>() : await contentsOf(added)
    for (const file of added) this.#contents.set(file, contents.get(file) ?? "unknown")
    if (contents.size < added.length) this.#touch()
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
    // An attempt begins by forgetting the files, and looks at all of them itself when it ends.
    if (this.#running === undefined && !isSame(stats, this.#stats) && !this.#isClosed) {
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

// Files are stamped with a clock that ticks every ten milliseconds at most. Taking an older save for a new one costs a reload
// that finds nothing to do.
const STAMP_SLACK_MS = 12

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
