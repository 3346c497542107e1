import fs from "node:fs/promises"
import path from "node:path"
import { holdsSecret } from "../config/secrets.js"

/** A file of the project as it was when it was read. */
export interface SourceText {
  /** Relative to the folder of the configuration. */
  readonly file: string
  readonly text: string
}

export interface Sources {
  readonly sources: readonly SourceText[]
  /** Those whose text must not be kept, or is too large for it. */
  readonly withheld: readonly string[]
}

const NO_SOURCES: Sources = { sources: [], withheld: [] }

/** The texts of the files of a project among those that decide its configuration. What is installed is not its own. */
export async function readSources(files: readonly string[], root: string): Promise<Sources> {
  const names = [...new Set(files)].map((file) => path.relative(root, file)).filter(isOwn)
  const read = await Promise.all(names.slice(0, MOST_FILES).map((name) => readSource(name, root)))
  return read.reduce(
    (all, one) => ({ sources: [...all.sources, ...one.sources], withheld: [...all.withheld, ...one.withheld] }),
    { sources: [], withheld: names.slice(MOST_FILES) },
  )
}

const MOST_FILES = 200
const MOST_BYTES = 256 * 1024

function isOwn(name: string): boolean {
  return !path.isAbsolute(name) && !name.split(path.sep).some((step) => step === ".." || step === "node_modules")
}

async function readSource(file: string, root: string): Promise<Sources> {
  try {
    const text = await fs.readFile(path.join(root, file), "utf8")
    if (Buffer.byteLength(text) > MOST_BYTES || holdsSecret(text)) return { sources: [], withheld: [file] }
    return { sources: [{ file, text }], withheld: [] }
  } catch {
    // A file that is looked for and is not there.
    return NO_SOURCES
  }
}
