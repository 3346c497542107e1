import { closed, type OptionSchema } from "../config/schemas.js"
import { checkSchema } from "../config/validate.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { Trial } from "../kernel/trial.js"
import type { PluginSource } from "../threads/messages.js"

/** A plugin takes some milliseconds, and the thread itself is not counted. */
const LIMITS = { ms: 2_000, bytes: 256 * 1024 * 1024 }

interface Found {
  readonly specifier: string
  readonly source: PluginSource
}

interface Known {
  readonly hash: string
  readonly schema: OptionSchema | undefined
}

/**
 * Reads the option schemas of plugins that may not be in use: on a thread of their own, since a draft may loop or take
 * all memory. One that is broken has none. What was read is kept until the code changes.
 */
export class SchemaReader {
  // Nothing is loaded on this thread.
  readonly #sources = new PluginSources(new PluginLoader({}))
  #known: ReadonlyMap<string, Known> = new Map()

  async read(specifiers: readonly string[], root: string, signal?: AbortSignal): Promise<Map<string, OptionSchema>> {
    this.#sources.forget()
    const found = (await Promise.all(specifiers.map((specifier) => this.#find(specifier, root)))).flat()
    const trial = new Trial(LIMITS)
    const stop = (): void => void trial.close()
    signal?.addEventListener("abort", stop, { once: true })
    try {
      const known = await Promise.all(
        found.map(async (one): Promise<[string, Known]> => [one.specifier, await this.#know(one, trial)]),
      )
      if (!signal?.aborted) this.#known = new Map(known)
      return new Map(known.flatMap(([specifier, { schema }]) => (schema === undefined ? [] : [[specifier, schema]])))
    } finally {
      signal?.removeEventListener("abort", stop)
      await trial.close()
    }
  }

  async #find(specifier: string, root: string): Promise<Found[]> {
    try {
      return [{ specifier, source: (await this.#sources.sourceOf(specifier, root)).source }]
    } catch {
      return []
    }
  }

  async #know({ specifier, source }: Found, trial: Trial): Promise<Known> {
    const hash = source.kind === "bundle" ? source.hash : source.file
    const known = this.#known.get(specifier)
    if (known?.hash === hash) return known
    const text = await trial.schemaOf(specifier, source).catch(() => undefined)
    const schema = text === undefined ? undefined : closed(JSON.parse(text) as OptionSchema)
    const isSound = schema !== undefined && checkSchema(schema, specifier) === undefined
    return { hash, schema: isSound ? schema : undefined }
  }
}
