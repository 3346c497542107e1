import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { isBuiltin } from "node:module"
import { basename, dirname, extname, join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { type BuildFailure, build, type Loader, type Message, type Plugin, type PluginBuild } from "esbuild"
import { doorOf } from "./door.js"

/** One file with everything local that it imports, as CommonJS text. Packages stay outside. */
export interface Bundle {
  readonly entry: string
  /** With its source map at the end. */
  readonly code: string
  /** Of the code without its source map: two bundles with the same hash do the same. */
  readonly hash: string
  /** Every file that was read or looked for. */
  readonly files: readonly string[]
  readonly warnings: readonly SourceProblem[]
}

/** A problem that the bundler found; line and column count from 1. */
export interface SourceProblem {
  readonly id: string
  readonly text: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** A bundle that could not be made. Its files are the ones to watch for the mend. */
export class BundleError extends Error {
  readonly code = "VELOZ_BUNDLE"
  readonly problems: readonly SourceProblem[]
  readonly files: readonly string[]

  constructor(entry: string, problems: readonly SourceProblem[], files: readonly string[]) {
    const first = problems[0]
    const place = first?.file === undefined ? entry : `${first.file}:${first.line}:${first.column}`
    super(`cannot bundle ${entry}: ${first?.text ?? "unknown reason"} (${place})`)
    this.name = "BundleError"
    this.problems = problems
    this.files = files
  }
}

export interface BundleOptions {
  /** More package names that stay outside, beside veloz and everything in node_modules that is no VeloZ plugin. */
  readonly externals?: readonly string[]
}

export async function bundle(entry: string, options: BundleOptions = {}): Promise<Bundle> {
  const recorder = new Recorder(entry, options.externals ?? [])
  try {
    const result = await build({
      entryPoints: [entry],
      absWorkingDir: dirname(entry),
      outfile: join(dirname(entry), `${basename(entry)}.cjs`),
      bundle: true,
      write: false,
      format: "cjs",
      platform: "node",
      target: "node20",
      sourcemap: "external",
      sourcesContent: false,
      logLevel: "silent",
      define: IMPORT_META,
      plugins: [recorder.plugin],
    })
    const [map, output] = result.outputFiles
    const files = [...recorder.files]
    const warnings = result.warnings.map((message) => recorder.problem(message))
    return { entry, code: withMap(output.text, map.text), hash: hashOf(output.text), files, warnings }
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    const problems = error.errors.map((message) => recorder.problem(message))
    throw new BundleError(entry, problems, [...recorder.files])
  }
}

// CommonJS has no import.meta, and each file of a bundle has its own: a file that asks gets a variable in front.
const IMPORT_META = {
  "import.meta.url": "__veloz_meta.url",
  "import.meta.dirname": "__veloz_meta.dirname",
  "import.meta.filename": "__veloz_meta.filename",
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx",
}

/** Keeps the files that a build touches, since a failed build has no list of them. */
class Recorder {
  readonly files = new Set<string>()
  readonly #externals: readonly string[]
  readonly #prefixLengths = new Map<string, number>()
  readonly #entry: string

  constructor(entry: string, externals: readonly string[]) {
    this.#entry = entry
    this.#externals = externals
    this.files.add(entry)
  }

  readonly plugin: Plugin = {
    name: "veloz-recorder",
    setup: (build) => {
      build.onResolve({ filter: /.*/ }, (args) => {
        if (args.kind === "entry-point" || args.pluginData === SEEN) return undefined
        return this.#resolve(build, args)
      })
      build.onLoad({ filter: /.*/, namespace: "file" }, (args) => this.#load(args.path))
    },
  }

  async #resolve(build: PluginBuild, args: Parameters<Parameters<PluginBuild["onResolve"]>[1]>[0]) {
    const { path, importer, resolveDir, kind } = args
    // Who defines plugins has a door of its own, which knows the file: other threads load a plugin by that.
    if (path === "veloz" && kind !== "dynamic-import") return { path: doorOf(importer), external: true }
    if (this.#isOurs(path) || isBuiltin(path)) return { path, external: true }
    const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: SEEN })
    if (found.errors.length > 0) {
      if (isLocal(path)) this.#expect(resolve(resolveDir, path))
      return undefined
    }
    if (extname(found.path) === ".node") return { path: found.path, external: true }
    const isForeign = found.path.includes("/node_modules/") && !(await isPluginPackage(found.path))
    return isForeign && !isLocal(path) ? { path, external: true } : { path: found.path }
  }

  #isOurs(path: string): boolean {
    if (path === "veloz" || path.startsWith("veloz/")) return true
    return this.#externals.some((name) => path === name || path.startsWith(`${name}/`))
  }

  /** A file that is imported but not there yet: its creation is worth another attempt. */
  #expect(path: string): void {
    this.files.add(path)
    if (extname(path) === "") for (const extension of [".ts", ".js", ".json"]) this.files.add(path + extension)
    if (extname(path) === ".js") this.files.add(path.replace(/\.js$/, ".ts"))
  }

  /** What decides how modules are found around a file: the next tsconfig.json and package.json above it. */
  #expectManifests(path: string): void {
    for (const name of ["tsconfig.json", "package.json"]) {
      const found = above(path, name)
      if (found !== undefined) this.files.add(found)
    }
  }

  async #load(path: string) {
    this.files.add(path)
    const loader = LOADERS[extname(path)]
    if (loader === undefined) return undefined
    this.#expectManifests(path)
    const source = await readFile(path, "utf8")
    if (!source.includes("import.meta")) return { contents: source, loader }
    const meta = { url: pathToFileURL(path).href, dirname: dirname(path), filename: path }
    const prefix = `var __veloz_meta = ${JSON.stringify(meta)};`
    this.#prefixLengths.set(path, prefix.length)
    return { contents: prefix + source, loader }
  }

  problem(message: Message): SourceProblem {
    const { id, text, location } = message
    if (location === null) return { id, text }
    const file = resolve(dirname(this.#entry), location.file)
    // esbuild counts bytes from 0.
    const before = Buffer.from(location.lineText).subarray(0, location.column).toString()
    const shift = location.line === 1 ? (this.#prefixLengths.get(file) ?? 0) : 0
    return { id, text, file, line: location.line, column: before.length - shift + 1 }
  }
}

const SEEN = Symbol("resolved once")

function above(path: string, name: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const file = join(folder, name)
    if (existsSync(file)) return file
    if (folder === dirname(folder)) return undefined
  }
}

function isLocal(path: string): boolean {
  return path.startsWith(".") || path.startsWith("/")
}

/** Packages with the keyword "veloz-plugin" are bundled, so that an upgrade of one is a change. */
async function isPluginPackage(file: string): Promise<boolean> {
  for (let folder = dirname(file); basename(folder) !== "node_modules"; folder = dirname(folder)) {
    const manifest = join(folder, "package.json")
    if (!existsSync(manifest)) continue
    const { name, keywords } = JSON.parse(await readFile(manifest, "utf8")) as { name?: string; keywords?: string[] }
    if (name !== undefined) return keywords?.includes("veloz-plugin") ?? false
  }
  return false
}

function withMap(code: string, map: string): string {
  return `${code}//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`
}

function hashOf(code: string): string {
  return createHash("sha256").update(code).digest("hex")
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors)
}
