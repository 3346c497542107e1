import type { Dirent } from "node:fs"
import { readdir, readFile, realpath } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** Packages with this keyword in their package.json are plugins. */
const KEYWORD = "veloz-plugin"
const SOURCE = /^(?!.*\.(d|test|spec)\.[cm]?ts$).+\.[cm]?[jt]s$/
const INDEX = /^index\.[cm]?[jt]s$/
const SHIPPED = fileURLToPath(new URL("../../../plugins", import.meta.url))

/** The plugins that a configuration in this folder could name: installed packages, and the files of plugins/. */
export async function findAvailablePlugins(root: string): Promise<string[]> {
  const found = await Promise.all([...packageFolders(root).map(findPackages), findFiles(root)])
  return [...new Set(found.flat())].sort()
}

/** Where packages are looked for from a folder: in it and in all above. */
export function packageFolders(root: string): string[] {
  const above = dirname(root)
  return [join(root, "node_modules"), ...(above === root ? [] : packageFolders(above))]
}

async function findPackages(folder: string): Promise<string[]> {
  const entries = await list(folder)
  const names = await Promise.all(
    entries.map(async ({ name }) => {
      if (!name.startsWith("@")) return [name]
      return (await list(join(folder, name))).map((entry) => `${name}/${entry.name}`)
    }),
  )
  const packages = names.flat().filter((name) => !name.startsWith("."))
  const isPlugin = await Promise.all(packages.map((name) => hasKeyword(join(folder, name, "package.json"))))
  return packages.filter((_, index) => isPlugin[index])
}

async function hasKeyword(manifest: string): Promise<boolean> {
  const text = await readFile(manifest, "utf8").catch(() => "")
  // Most packages are none, and reading JSON takes longer than searching it.
  if (!text.includes(`"${KEYWORD}"`)) return false
  try {
    const { keywords } = JSON.parse(text) as { keywords?: unknown }
    return Array.isArray(keywords) && keywords.includes(KEYWORD)
  } catch {
    return false
  }
}

async function findFiles(root: string): Promise<string[]> {
  const folder = join(root, "plugins")
  // In VeloZ's own repository these are the plugins that are known by name.
  if ((await realpath(folder).catch(() => "")) === (await realpath(SHIPPED).catch(() => undefined))) return []
  const found = await Promise.all(
    (await list(folder)).map(async (entry) => {
      if (!entry.isDirectory()) return SOURCE.test(entry.name) ? [`./plugins/${entry.name}`] : []
      const index = (await list(join(folder, entry.name))).find(({ name }) => INDEX.test(name))
      return index === undefined ? [] : [`./plugins/${entry.name}/${index.name}`]
    }),
  )
  return found.flat()
}

function list(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => [])
}
