import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { makeFolder } from "../os/make-folder.js"

// What VeloZ makes for a project is kept in the folder .veloz beside the configuration.

export const PROJECT_FOLDER = ".veloz"
export const TYPES_FILE = "types.d.ts"
export const SCHEMA_FILE = "config.schema.json"

export function projectFolder(root: string): string {
  return join(root, PROJECT_FOLDER)
}

/** Makes the folder, so that git leaves out of it what is this machine's own. Returns its path. */
export async function makeProjectFolder(root: string): Promise<string> {
  const folder = projectFolder(root)
  const rules = join(folder, ".gitignore")
  if ((await readFile(rules, "utf8").catch(() => undefined)) === IGNORED) return folder
  makeFolder(folder)
  await writeFile(rules, IGNORED)
  return folder
}

const IGNORED = `# Types and schema belong to the project: with them, editors know its options in a fresh clone too.
*
!.gitignore
!${TYPES_FILE}
!${SCHEMA_FILE}
`
