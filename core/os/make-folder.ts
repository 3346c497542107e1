import { mkdir, stat } from "node:fs/promises"
import { dirname } from "node:path"

/**
 * Makes a folder, and those above it that are missing. Node's own `recursive` does not return where the system says of a
 * folder whose parent is there that there is no such file, as /proc does.
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  try {
    await mkdir(folder, mode)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A file by this name is for whoever writes into the folder to tell.
    if (code === "EEXIST") return
    const above = dirname(folder)
    if (code !== "ENOENT" || (await isThere(above))) throw error
    await makeFolder(above, mode)
    await makeFolder(folder, mode)
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
