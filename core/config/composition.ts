import type { Diagnostic } from "./diagnostic.js"
import type { Leaf } from "./layers.js"
import type { Settings } from "./settings.js"
import type { Source, SourceContext } from "./source.js"

/** Where the schemas of plugins come from that `schemas/` does not describe. */
export interface SchemaSource {
  /**
   * The schema of a plugin's options, or `null` when it takes none; rejects when there is no such plugin. `root` is
   * the folder that a `./` specifier is relative to.
   */
  schemaOf(specifier: string, value: unknown, root: string): Promise<object | null>
  /** The file of such a plugin, for who finds its schema wrong. */
  fileOf?(specifier: string, value: unknown, root: string): Promise<string | undefined>
}

/** A configuration file as it was read, or its absence. */
export interface LoadedFile {
  readonly file: string | undefined
  readonly root: string
  /** For readers, relative to where the engine was started. */
  readonly label: string
  readonly settings: Settings
  readonly source: Source | undefined
  readonly files: readonly string[]
  readonly notices: readonly Diagnostic[]
}

/** Everything that a configuration is made of. */
export interface Composition {
  readonly loaded: LoadedFile
  readonly api: ReadonlyMap<string, Leaf>
  readonly env: NodeJS.ProcessEnv
  readonly args: Readonly<Record<string, unknown>>
  readonly schemas: SchemaSource
  readonly context: SourceContext
}
