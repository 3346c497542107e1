import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { ConfigError } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { shippedPresetNames } from "../config/presets.js"
import { makeProjectFolder, projectFolder, SCHEMA_FILE, TYPES_FILE } from "../config/project-folder.js"
import { type OptionSchema, shippedSchemas } from "../config/schemas.js"
import { isFileSpecifier } from "../config/settings.js"
import { venueKindsOf } from "../config/venue-kinds.js"
import { emitEditorSchema } from "./emit-schema.js"
import { emitDoc, emitInterface, interfaceName } from "./emit-types.js"
import { findAvailablePlugins } from "./find-plugins.js"
import { SchemaReader } from "./schema-reader.js"

// What editors read: the types and the schema of everything that could be configured in a project, plugins that nobody has
// switched on yet included.

/** A project whose files for editors are wished. */
export interface EditorProject {
  /** The folder of the configuration file. */
  readonly root: string
  /** Schemas that are known already, by name: those of a configuration that was read. */
  readonly schemas?: ReadonlyMap<string, OptionSchema>
}

/** The project of a configuration file that was refused: what it names is told of all the same, for the mend. */
export function refusedProject(file: string, error: unknown): EditorProject {
  return { root: dirname(file), ...(error instanceof ConfigError && { schemas: error.schemas }) }
}

/** The project of a configuration that was read. A plugin by value has no name that `plugins` could say. */
export function editorProject({ root, schemas, plugins }: EffectiveConfig): Required<EditorProject> {
  const byValue = new Set(plugins.filter(({ value }) => value !== undefined).map(({ name }) => name))
  return { root, schemas: new Map([...schemas].filter(([name]) => !byValue.has(name))) }
}

/**
 * Writes what editors need of a project, where it differs from what is there. Start, check, reload and init call this,
 * so that nobody has to. Never throws: what could not be written is returned as a sentence.
 */
export class EditorFiles {
  readonly #reader = new SchemaReader()
  #available: readonly string[] | undefined
  #contents: Contents | undefined

  async write({ root, schemas = new Map() }: EditorProject, options: WriteOptions = {}): Promise<string | undefined> {
    const { signal, isAsBefore = false } = options
    try {
      if (!isAsBefore || this.#available === undefined) this.#available = await findAvailablePlugins(root)
      const plugins = await this.#thirdParties(root, schemas, this.#available, signal)
      if (signal?.aborted) return undefined
      const folder = await makeProjectFolder(root)
      const of = JSON.stringify([...plugins])
      if (this.#contents?.of !== of) this.#contents = { of, files: await contents(plugins) }
      for (const [name, text] of this.#contents.files) await replace(join(folder, name), text)
      return undefined
    } catch (error) {
      return `cannot write ${projectFolder(root)}, so editors may not know the options of plugins: ${(error as Error).message}`
    }
  }

  async #thirdParties(
    root: string,
    schemas: ReadonlyMap<string, OptionSchema>,
    available: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Map<string, OptionSchema | undefined>> {
    const { plugins: shipped } = await shippedSchemas()
    const isForeign = (name: string): boolean => name !== "" && !shipped.has(name)
    const known = [...schemas].filter(([name]) => isForeign(name))
    const unread = available.filter((name) => isForeign(name) && !schemas.has(name))
    const read = await this.#reader.read(unread, root, signal)
    // A package is a plugin also while it cannot be loaded; a file that cannot may be no plugin at all.
    const others = unread.filter((name) => read.has(name) || !isFileSpecifier(name))
    const found = [...known, ...others.map((name) => [name, read.get(name)] as const)]
    return new Map(found.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
}

/** What stands in the files while these plugins, as JSON, are the ones that could be used. */
interface Contents {
  readonly of: string
  readonly files: readonly [name: string, text: string][]
}

export interface WriteOptions {
  readonly signal?: AbortSignal
  /** The same packages are installed and the same files are there as at the last call. */
  readonly isAsBefore?: boolean
}

async function contents(plugins: ReadonlyMap<string, OptionSchema | undefined>): Promise<[string, string][]> {
  const [shipped, presets] = await Promise.all([shippedSchemas(), shippedPresetNames()])
  const all = new Map([...shipped.plugins, ...plugins])
  return [
    [TYPES_FILE, emitTypes(plugins)],
    [SCHEMA_FILE, emitEditorSchema({ root: shipped.root, plugins: all, presets })],
  ]
}

const HEADER = `// Made by VeloZ whenever the configuration is read: options and venues of plugins that are not its own. Do not edit.
import "veloz"
`

/** Adds plugins to the type of `plugins`, and the kinds of venue that they speak to. */
function emitTypes(plugins: ReadonlyMap<string, OptionSchema | undefined>): string {
  const names = new Map<string, string>()
  const members = [...plugins].map(([specifier, schema]) => {
    const type = schema === undefined ? "object" : uniqueName(specifier, names)
    return `${emitDoc([schema?.description], "    ")}    ${JSON.stringify(specifier)}?: ${type} | boolean | null\n`
  })
  const interfaces = [...names].map(([name, specifier]) => emitInterface(name, plugins.get(specifier) as OptionSchema))
  const kinds = [...venueKindsOf(plugins)].map(([kind, names]) => {
    return `${emitDoc([`Spoken to by ${names.join(", ")}.`], "    ")}    ${JSON.stringify(kind)}: true\n`
  })
  const registry = [...extension("PluginOptions", members), ...extension("VenueKinds", kinds)].join("")
  return [HEADER, ...(registry === "" ? [] : [`declare module "veloz" {\n${registry}}\n`]), ...interfaces].join("\n")
}

/** More members of an interface of `veloz`; nothing where there are none. */
function extension(name: string, members: readonly string[]): string[] {
  return members.length === 0 ? [] : [`  interface ${name} {\n${members.join("")}  }\n`]
}

/** "./plugins/a-b.ts" and "./plugins/a.b.ts" would be the same name. */
function uniqueName(specifier: string, names: Map<string, string>): string {
  let name = interfaceName(specifier)
  while (names.has(name)) name += "_"
  names.set(name, specifier)
  return name
}

/** An editor that reads while this writes sees the old file or the new one; the same content is not written again. */
async function replace(file: string, text: string): Promise<void> {
  if ((await readFile(file, "utf8").catch(() => undefined)) === text) return
  const draft = `${file}.${process.pid}.draft`
  try {
    await writeFile(draft, text)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
