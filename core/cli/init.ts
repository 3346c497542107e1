import { existsSync } from "node:fs"
import { readFile, writeFile } from "node:fs/promises"
import { basename, dirname, extname, join, relative, resolve } from "node:path"
import { CONFIG_FILE_NAMES } from "../config/find.js"
import { PROJECT_FOLDER } from "../config/project-folder.js"
import { EditorFiles } from "../editors/editor-files.js"
import { EDITOR_LINKS } from "../editors/editor-links.js"
import { initFormatError, initUnwritableError } from "../kernel/errors.js"
import { makeFolder } from "../os/make-folder.js"
import type { CliEnvironment } from "./environment.js"
import { type Format, STARTER_CONFIGS, STARTER_GITIGNORE, STARTER_TSCONFIG, starterManifest } from "./starter-files.js"
import { readVersion } from "./version.js"

export interface InitOptions {
  readonly folder: string
  /** Of a new configuration; without it, TypeScript. */
  readonly format?: Format
}

/**
 * Makes a folder a project of VeloZ. What is there stays as it is, so that it can be run in an existing project, and
 * twice.
 */
export async function init({ folder, format }: InitOptions, { cwd, stdout }: CliEnvironment): Promise<number> {
  const root = resolve(cwd, folder)
  const say = (line: string): void => void stdout.write(`${line}\n`)
  const existing = CONFIG_FILE_NAMES.find((name) => existsSync(join(root, name)))
  if (existing !== undefined && format !== undefined && formatOf(existing) !== format) {
    throw initFormatError(join(root, existing), format)
  }
  const config = existing ?? `veloz.config.${format ?? "ts"}`
  for (const [name, text] of starterFiles(root, config)) {
    say(`${(await writeNew(join(root, name), text)) ? "wrote" : "kept "}  ${name}`)
  }
  const notice = await new EditorFiles().write({ root })
  say(notice ?? `wrote  ${PROJECT_FOLDER}/, for editors; the engine keeps it up to date`)
  for (const line of [...(await missingLink(root, config)), "", "next:", ...(await nextSteps(root, cwd))]) say(line)
  return notice === undefined ? 0 : 1
}

function starterFiles(root: string, config: string): [string, string][] {
  const format = formatOf(config)
  const files: [string, string][] = [
    [config, STARTER_CONFIGS[format]],
    ["package.json", starterManifest(basename(root), readVersion())],
  ]
  if (format === "ts" && !hasAbove(root, "tsconfig.json")) files.push(["tsconfig.json", STARTER_TSCONFIG])
  return [...files, [".gitignore", STARTER_GITIGNORE]]
}

/** Of a script of any kind it is "ts": they are linked in the same way. */
function formatOf(file: string): Format {
  const extension = extname(file)
  if (extension === ".json") return "json"
  return extension === ".yaml" || extension === ".yml" ? "yaml" : "ts"
}

/** A file that was there may not say where its editor finds the options. */
async function missingLink(root: string, config: string): Promise<string[]> {
  const text = await readFile(join(root, config), "utf8").catch(() => "")
  if (text.includes(`${PROJECT_FOLDER}/`)) return []
  return ["", `for completion in your editor, add to ${config}:`, `  ${EDITOR_LINKS[formatOf(config)]}`]
}

/** An editor takes the nearest one above: one more would hide it. */
function hasAbove(folder: string, name: string): boolean {
  const parent = dirname(folder)
  return parent !== folder && (existsSync(join(parent, name)) || hasAbove(parent, name))
}

/** False when there is something by that name already. */
async function writeNew(file: string, text: string): Promise<boolean> {
  try {
    makeFolder(dirname(file))
    await writeFile(file, text, { flag: "wx" })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST" && existsSync(file)) return false
    throw initUnwritableError(file, (error as Error).message)
  }
}

async function nextSteps(root: string, cwd: string): Promise<string[]> {
  const manifest = await readManifest(root)
  const isInstalled = existsSync(join(root, "node_modules", "veloz"))
  const isNamed = [manifest.dependencies, manifest.devDependencies].some((named) => named?.veloz !== undefined)
  const isStart = manifest.scripts?.start?.startsWith("veloz start") ?? false
  return [
    ...(root === cwd ? [] : [`cd ${quoted(relative(cwd, root))}`]),
    ...(isInstalled || manifest.name === "veloz" ? [] : [isNamed ? "npm install" : "npm install veloz"]),
    isStart ? "npm start" : "npx veloz start",
  ].map((step) => `  ${step}`)
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}

interface Manifest {
  readonly name?: string
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Empty where it is no JSON: npm will say so. */
async function readManifest(root: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Manifest
  } catch {
    return {}
  }
}
