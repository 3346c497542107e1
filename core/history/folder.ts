import { createHash } from "node:crypto"
import type { Stats } from "node:fs"
import fs from "node:fs/promises"
import path from "node:path"
import { makeProjectFolder, projectFolder } from "../config/project-folder.js"
import { makeFolder } from "../os/make-folder.js"
import { type Attempt, parseAttempt } from "./attempt.js"
import { attemptDamagedError, objectDamagedError, objectMissingError } from "./errors.js"
import type { HistoryReader } from "./read.js"
import { keptAttempts, objectsOf } from "./retention.js"

/**
 * The history of a project on disk: a file for each attempt, named by its number, and beside them what attempts share,
 * named by its SHA-256. Each file appears whole or not at all, and whoever creates the file of a number owns the number:
 * so engines may end at any moment, and several may write at once.
 */
export class HistoryFolder implements HistoryReader {
  readonly path: string
  readonly #attempts: string
  readonly #objects: string

  constructor(readonly root: string) {
    this.path = path.join(projectFolder(root), "history")
    this.#attempts = path.join(this.path, "attempts")
    this.#objects = path.join(this.path, "objects")
  }

  /** Numbers of the attempts that are kept, the newest first. */
  async numbers(): Promise<number[]> {
    const names = await fs.readdir(this.#attempts).catch(orNothing<string[]>([]))
    const numbers = names.flatMap((name) => (ATTEMPT_FILE.test(name) ? Number.parseInt(name, 10) : []))
    return numbers.sort((a, b) => b - a)
  }

  /** Writes an attempt that begins under its number, or under the next one that is free. */
  async claim(attempt: Attempt): Promise<Attempt> {
    for (let claimed = attempt; ; ) {
      if (await this.#inFolder(() => create(this.#file(claimed.number), JSON.stringify(claimed)))) return claimed
      const [newest = claimed.number] = await this.numbers()
      claimed = { ...claimed, number: Math.max(newest, claimed.number) + 1 }
    }
  }

  async write(attempt: Attempt): Promise<void> {
    await this.#inFolder(() => writeWhole(this.#file(attempt.number), JSON.stringify(attempt)))
  }

  /** Writes an attempt that is over, unless its number is that of another one. */
  async complete(attempt: Attempt): Promise<boolean> {
    const standing = await this.read(attempt.number)
    const isOther = standing !== undefined && standing.time !== attempt.time
    if (!isOther) await this.write(attempt)
    return !isOther
  }

  /** Undefined when it is not kept. */
  async read(number: number): Promise<Attempt | undefined> {
    const text = await fs.readFile(this.#file(number), "utf8").catch(orNothing(undefined))
    if (text === undefined) return undefined
    const read = parseAttempt(text, number)
    if ("problem" in read) throw attemptDamagedError(number, this.#file(number), read.problem)
    return read
  }

  /** Keeps a text; returns its name. */
  async put(text: string): Promise<string> {
    const name = hashOf(text)
    const file = this.fileOf(name)
    const found = await this.#stat(name)
    // One that was cut short is written anew. A date of today keeps it from being cleaned away before it is named.
    if (found?.size === Buffer.byteLength(text)) await fs.utimes(file, new Date(), new Date())
    else await this.#inFolder(() => writeWhole(file, text))
    return name
  }

  fileOf(object: string): string {
    return path.join(this.#objects, object)
  }

  async get(name: string): Promise<string> {
    const file = this.fileOf(name)
    const text = await fs.readFile(file, "utf8").catch(orNothing(undefined))
    if (text === undefined) throw objectMissingError(file)
    if (hashOf(text) !== name) throw objectDamagedError(file)
    return text
  }

  /** Removes the oldest attempts, and what no attempt names. One thing after the other, so that others come in between. */
  async clean(): Promise<void> {
    const numbers = await this.numbers()
    const attempts: Attempt[] = []
    const sizes = new Map<string, number>()
    for (const number of numbers) {
      const attempt = await this.read(number).catch(() => undefined)
      if (attempt === undefined) continue
      attempts.push(attempt)
      for (const name of objectsOf(attempt)) if (!sizes.has(name)) sizes.set(name, (await this.#stat(name))?.size ?? 0)
    }
    const kept = keptAttempts(attempts, (name) => sizes.get(name) ?? 0)
    const oldest = Math.min(...kept.numbers)
    for (const number of numbers) {
      const isDamaged = !attempts.some((attempt) => attempt.number === number)
      if (isDamaged ? number < oldest : !kept.numbers.has(number)) await fs.rm(this.#file(number), { force: true })
    }
    await this.#cleanObjects(kept.objects)
  }

  async #cleanObjects(kept: ReadonlySet<string>): Promise<void> {
    const names = await fs.readdir(this.#objects).catch(orNothing<string[]>([]))
    for (const name of names) {
      if (kept.has(name)) continue
      // An object is older than the attempt that names it, which may be on its way.
      const found = await this.#stat(name)
      if (found !== undefined && found.mtimeMs < Date.now() - UNNAMED_MS) {
        await fs.rm(this.fileOf(name), { force: true })
      }
    }
  }

  #stat(object: string): Promise<Stats | undefined> {
    return fs.stat(this.fileOf(object)).catch(orNothing(undefined))
  }

  /** Makes the folder where it is missing: for the first attempt, and after somebody has removed it. */
  async #inFolder<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error
    }
    await makeProjectFolder(this.root)
    for (const folder of [this.#attempts, this.#objects]) makeFolder(folder, PRIVATE_FOLDER)
    return work()
  }

  #file(number: number): string {
    return path.join(this.#attempts, `${number}.json`)
  }
}

export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

// Threads tell each other the number of a generation in 32 bits.
const ATTEMPT_FILE = /^[1-9]\d{0,8}\.json$/
/** For its owner alone: a configuration says how somebody trades. */
const PRIVATE_FOLDER = 0o700
const PRIVATE_FILE = 0o600
const UNNAMED_MS = 60_000

/** False when somebody else has created the file. */
async function create(file: string, text: string): Promise<boolean> {
  try {
    const created = await fs.open(file, "wx", PRIVATE_FILE)
    try {
      await created.writeFile(text)
    } catch (error) {
      // The disk is full: nobody shall take what was begun for an attempt.
      await fs.rm(file, { force: true })
      throw error
    } finally {
      await created.close()
    }
    return true
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false
    throw error
  }
}

/** A file that appears with its whole content, or not at all. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.draft`
  try {
    await fs.writeFile(draft, text, { mode: PRIVATE_FILE, flush: true })
    await fs.rename(draft, file)
  } catch (error) {
    await fs.rm(draft, { force: true }).catch(() => undefined)
    throw error
  }
}

function orNothing<T>(nothing: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return nothing
    throw error
  }
}

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code
}
