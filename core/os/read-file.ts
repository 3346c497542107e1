import fs from "node:fs"

/** The text of a file of the system; undefined where there is none, or none for us. */
export function readFileIfAny(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}
