import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"

/**
 * Makes the folder in which VeloZ keeps what it makes for a project, `.veloz` beside the configuration, and returns its
 * path. Git ignores it by itself.
 */
export async function makeProjectFolder(root: string): Promise<string> {
  const folder = projectFolder(root)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, ".gitignore"), IGNORED, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error
  })
  return folder
}

export function projectFolder(root: string): string {
  return join(root, ".veloz")
}

const IGNORED = "*\n"
