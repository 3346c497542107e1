import { closed, type OptionSchema } from "../config/schemas.js"
import { checkSchema } from "../config/validate.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { Trial } from "../kernel/trial.js"
import type { PluginSource } from "../threads/messages.js"

/** A machine that is busy may need longer than the code does: what failed is tried again with the next changes. */
const ATTEMPTS = 3

interface Found {
  readonly specifier: string
  readonly source: PluginSource
}

interface Known {
  readonly hash: string
  readonly schema: OptionSchema | undefined
  /** How often its code has not come to an end. */
  readonly failures: number
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
    if (signal?.aborted) return new Map()
    const trial = new Trial()
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
    const before = this.#known.get(specifier)
    const known = before?.hash === hash ? before : undefined
    const failures = known?.failures ?? 0
    if (known !== undefined && (failures === 0 || failures >= ATTEMPTS)) return known
    try {
      return { hash, schema: soundSchema(await trial.schemaOf(specifier, source)), failures: 0 }
    } catch {
      return { hash, schema: undefined, failures: failures + 1 }
    }
  }
}

function soundSchema(text: string | undefined): OptionSchema | undefined {
  const schema = text === undefined ? undefined : closed(JSON.parse(text) as OptionSchema)
  return schema !== undefined && checkSchema(schema) === undefined ? schema : undefined
}
