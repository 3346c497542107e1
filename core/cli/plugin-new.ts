import { existsSync } from "node:fs"
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises"
import { isBuiltin } from "node:module"
import { basename, dirname, join, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { shippedSchemas } from "../config/schemas.js"
import { initUnwritableError, pluginFolderTakenError, pluginNameError } from "../kernel/errors.js"
import { makeFolder } from "../os/make-folder.js"
import type { CliEnvironment } from "./environment.js"
import { readVersion } from "./version.js"

/** What to start from: each kind is one of the examples. */
const PLUGIN_KINDS = {
  risk: "max-notional",
  strategy: "mid-quoter",
  metrics: "trade-stats",
  venue: "json-venue",
} as const

export type PluginKind = keyof typeof PLUGIN_KINDS

export interface PluginNewOptions {
  /** Of the package: `max-notional` or `@desk/max-notional`. The plugin has it without the scope. */
  readonly name: string
  readonly kind: PluginKind
}

/**
 * Makes a package of a plugin in a folder of its name: an example, renamed. It is written aside and put in its place whole,
 * which the system refuses when something is there.
 */
export async function pluginNew({ name, kind }: PluginNewOptions, { cwd, stdout }: CliEnvironment): Promise<number> {
  if (!NAME.test(name)) throw pluginNameError(name, "it is not lower-case words with dashes")
  const own = basename(name)
  if (name === "veloz" || isBuiltin(name))
    throw pluginNameError(name, "it is the name of something else that is imported")
  if ((await shippedSchemas()).plugins.has(own)) throw pluginNameError(name, "one of VeloZ's own plugins has that name")
  const folder = join(cwd, own)
  if (await isTaken(folder)) throw pluginFolderTakenError(folder)
  const draft = await mkdtemp(join(cwd, `.${own}-`)).catch((error: Error) => {
    throw initUnwritableError(folder, error.message)
  })
  try {
    const files = await filesOf(PLUGIN_KINDS[kind], name, await velozFor(folder))
    for (const [file, text] of files) {
      makeFolder(dirname(join(draft, file)))
      await writeFile(join(draft, file), text)
    }
    await rename(draft, folder)
    for (const [file] of files) stdout.write(`wrote  ${own}/${file}\n`)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw (await isTaken(folder)) ? pluginFolderTakenError(folder) : initUnwritableError(folder, String(error))
  }
  stdout.write(nextSteps(name, own))
  return 0
}

const NAME = /^(@[a-z0-9][a-z0-9-]*\/)?[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const EXAMPLES = fileURLToPath(new URL("../../../examples", import.meta.url))
// npm leaves .gitignore out of what it packs, so that the examples cannot bring one.
const GITIGNORE = "node_modules/\ndist/\n"

async function isTaken(folder: string): Promise<boolean> {
  return existsSync(folder) && (await readdir(folder).catch(() => ["a file"])).length > 0
}

/** The files of an example under the new name. */
async function filesOf(example: string, name: string, veloz: string): Promise<[string, string][]> {
  const root = join(EXAMPLES, example)
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  const sources = paths.filter((path) => !/^(node_modules|dist)\//.test(path) && path !== "package-lock.json").sort()
  const files = await Promise.all(
    sources.map(async (path): Promise<[string, string]> => {
      const text = renamed(await readFile(join(root, path), "utf8"), example, name)
      return [path, path === "package.json" ? manifest(text, name, veloz) : text]
    }),
  )
  return [...files, [".gitignore", GITIGNORE]]
}

/** In every spelling: `max-notional`, `maxNotional`, `MaxNotional`, `max_notional`. */
function renamed(text: string, example: string, name: string): string {
  const own = basename(name)
  return text
    .replaceAll(`{ "${example}":`, `{ "${name}":`)
    .replaceAll(`, "${example}":`, `, "${name}":`)
    .replaceAll(example, own)
    .replaceAll(pascal(example), pascal(own))
    .replaceAll(camel(example), camel(own))
    .replaceAll(example.replaceAll("-", "_"), own.replaceAll("-", "_"))
}

const pascal = (name: string): string =>
  name.replaceAll(/(^|-)([a-z0-9])/g, (_, _dash, letter: string) => letter.toUpperCase())
const camel = (name: string): string => pascal(name).replace(/^./, (letter) => letter.toLowerCase())

/** The licence is the author's to choose. */
function manifest(text: string, name: string, veloz: string): string {
  const { license: _license, ...rest } = JSON.parse(text) as Manifest
  return `${JSON.stringify({ ...rest, name, devDependencies: { ...rest.devDependencies, veloz } }, null, 2)}\n`
}

/** The veloz of the project around it, so that both have the same. */
async function velozFor(folder: string): Promise<string> {
  for (let above = dirname(folder); ; above = dirname(above)) {
    const text = await readFile(join(above, "package.json"), "utf8").catch(() => "{}")
    const { name, dependencies, devDependencies } = asManifest(text)
    const named = name === "veloz" ? "file:." : (dependencies?.veloz ?? devDependencies?.veloz)
    if (named !== undefined) return placed(named, above, folder)
    if (above === dirname(above)) return `^${readVersion()}`
  }
}

/** A path is relative to the package.json that names it. */
function placed(spec: string, from: string, to: string): string {
  const path = spec.startsWith("file:") ? spec.slice("file:".length) : /^\.{0,2}\//.test(spec) ? spec : undefined
  return path === undefined ? spec : `file:${relative(to, resolve(from, path))}`
}

interface Manifest {
  readonly name?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function asManifest(text: string): Manifest {
  try {
    return JSON.parse(text) as Manifest
  } catch {
    return {}
  }
}

function nextSteps(name: string, own: string): string {
  return `
next:
  cd ${own}
  npm install
  npm test

then, in the folder of a configuration:
  npm install ./${own}
and in its plugins:
  "${name}": {}
`
}
