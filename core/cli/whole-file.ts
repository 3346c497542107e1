import fs from "node:fs/promises"
import path from "node:path"
import { readingUnwritableError } from "../kernel/errors.js"

/** A file that is replaced as a whole or not at all. */
export class WholeFile {
  private constructor(readonly path: string) {}

  /** Throws when nothing could be written there. What a link points at is written, and the link stays. */
  static async at(file: string): Promise<WholeFile> {
    try {
      const target = await fs.realpath(file).catch(() => path.resolve(file))
      const found = await fs.stat(target).catch(() => undefined)
      if (found !== undefined && !found.isFile()) throw new Error("it is there, and no file")
      await fs.access(path.dirname(target), fs.constants.W_OK)
      return new WholeFile(target)
    } catch (error) {
      throw readingUnwritableError(file, (error as Error).message)
    }
  }

  async write(text: string): Promise<void> {
    const draft = `${this.path}.${process.pid}.draft`
    try {
      await fs.writeFile(draft, text, { flush: true })
      await fs.rename(draft, this.path)
    } catch (error) {
      await fs.rm(draft, { force: true })
      throw readingUnwritableError(this.path, (error as Error).message)
    }
  }
}
