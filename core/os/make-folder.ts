import { existsSync, mkdirSync } from "node:fs"
import { dirname } from "node:path"

/**
 * Makes a folder, and those above it that are missing. Node's own `recursive` does not return where the system says of a
 * folder whose parent is there that there is no such file, as /proc does.
 */
export function makeFolder(folder: string, mode?: number): void {
  try {
    mkdirSync(folder, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A file by this name is for whoever writes into the folder to tell.
    if (code === "EEXIST") return
    const above = dirname(folder)
    if (code !== "ENOENT" || existsSync(above)) throw error
    makeFolder(above, mode)
    makeFolder(folder, mode)
  }
}
