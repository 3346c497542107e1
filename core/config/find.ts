import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { cosmiconfig, type Loader } from "cosmiconfig"

const EXTENSIONS = [".ts", ".mts", ".js", ".mjs", ".cjs", ".json", ".yaml", ".yml"]

/** The names that a configuration file may have, first choice first. */
export const CONFIG_FILE_NAMES: readonly string[] = EXTENSIONS.map((extension) => `veloz.config${extension}`)

/** The configuration of the project that a folder belongs to: there, or in a folder above up to its package.json. */
export async function findConfigFile(folder: string): Promise<string | undefined> {
  const explorer = cosmiconfig("veloz", {
    searchPlaces: [...CONFIG_FILE_NAMES],
    searchStrategy: "project",
    ignoreEmptySearchPlaces: false,
    cache: false,
    loaders: Object.fromEntries(EXTENSIONS.map((extension) => [extension, nameOnly])),
  })
  const found = await explorer.search(folder)
  return found?.filepath
}

/** The configuration file: the one that is named, or that of the project. */
export async function configurationFile(cwd: string, file?: string): Promise<string | undefined> {
  return file === undefined ? findConfigFile(cwd) : resolve(cwd, file)
}

/** The folder that a configuration belongs to: that of the named file, or of the project's, or the given one. */
export async function configurationRoot(cwd: string, file?: string): Promise<string> {
  const found = await configurationFile(cwd, file)
  return found === undefined ? cwd : dirname(found)
}

/** Where a configuration would be looked for first: the files to wait for while there is none. */
export function expectedConfigFiles(folder: string): string[] {
  return CONFIG_FILE_NAMES.map((name) => join(folder, name))
}

/** The other configuration files beside one, which are not read. */
export function shadowedConfigFiles(file: string): string[] {
  return expectedConfigFiles(dirname(file)).filter((other) => other !== file && existsSync(other))
}

// cosmiconfig searches only: its own loaders cannot import local TypeScript and write beside the configuration.
const nameOnly: Loader = (file) => file
