import fs from "node:fs/promises"
import path from "node:path"
import { fileUnwritableError } from "../kernel/errors.js"

/** A file that is replaced as a whole or not at all. */
export class WholeFile {
  private constructor(
    readonly path: string,
    private readonly mode: number | undefined,
  ) {}

  /** Throws when nothing could be written there. What a link points at is written, and the link stays. */
  static async at(file: string): Promise<WholeFile> {
    try {
      const target = await fs.realpath(file).catch(() => path.resolve(file))
      const found = await fs.stat(target).catch(() => undefined)
      if (found !== undefined && !found.isFile()) throw new Error("it is there, and no file")
      await fs.access(path.dirname(target), fs.constants.W_OK)
      return new WholeFile(target, found?.mode)
    } catch (error) {
      throw fileUnwritableError(file, (error as Error).message)
    }
  }

  async write(text: string): Promise<void> {
    const draft = `${this.path}.${process.pid}.draft`
    try {
      await fs.writeFile(draft, text, { flush: true })
      if (this.mode !== undefined) await fs.chmod(draft, this.mode)
      await fs.rename(draft, this.path)
    } catch (error) {
      await fs.rm(draft, { force: true })
      throw fileUnwritableError(this.path, (error as Error).message)
    }
  }
}
