import { createRequire } from "node:module"
import { type Evaluated, evaluate } from "../config/evaluate.js"
import type { Place } from "../config/place.js"
import type { PluginSource } from "../threads/messages.js"
import type { Part, Plugin } from "./contract.js"
import { pluginInvalidError } from "./errors.js"

const require = createRequire(import.meta.url)

const MEMBERS = new Set([
  "name",
  "version",
  "veloz",
  "description",
  "schema",
  "requires",
  "after",
  "before",
  "provides",
  "check",
  "tuning",
  "engine",
  "strategy",
  "network",
  "control",
  "commands",
])
const PART_MEMBERS = new Set(["retune", "dispose"])

/**
 * Loads plugins on one thread, without waiting, so that a thread that never runs its event loop can. A bundle is
 * evaluated once for each content; the plugins beside core are modules, and there is one instance of `veloz`.
 */
export class PluginLoader {
  readonly #bundles = new Map<string, { readonly plugin: Plugin; readonly code: Evaluated }>()

  /** `modules` are the doors of this very engine, handed to bundles in place of their own copy. */
  constructor(private readonly modules: Readonly<Record<string, unknown>>) {}

  load(source: PluginSource, specifier: string): Plugin {
    if (source.kind === "module") return checked(require(source.file), specifier, source.file)
    const known = this.#bundles.get(source.hash)
    if (known !== undefined) return known.plugin
    const code = evaluate(source, this.modules)
    const plugin = checked(code.exports, specifier, source.entry)
    this.#bundles.set(source.hash, { plugin, code })
    return plugin
  }

  /** Puts the places of sources into the stack of what a plugin threw, and returns the innermost of them. */
  locate(error: unknown): Place | undefined {
    if (!(error instanceof Error) || error.stack === undefined) return undefined
    const { stack } = error
    const bundles = [...this.#bundles.values()]
    error.stack = bundles.reduce((mapped, { code }) => code.mapStack(mapped), stack)
    return bundles.map(({ code }) => code.placeOf(stack)).find((place) => place !== undefined)
  }

  /** Forgets bundles that no generation uses any more. */
  retain(hashes: ReadonlySet<string>): void {
    for (const hash of this.#bundles.keys()) if (!hashes.has(hash)) this.#bundles.delete(hash)
  }
}

/** A part that a plugin returned, or an error that names what is wrong with it. */
export function checkedPart(part: unknown): Part {
  if (part === undefined || part === null) return {}
  if (typeof part !== "object") {
    throw new TypeError(`a part returns nothing or { retune, dispose }, not ${typeof part}`)
  }
  for (const member of Object.keys(part)) {
    if (PART_MEMBERS.has(member)) continue
    throw new TypeError(`a part has retune and dispose, but no ${JSON.stringify(member)}`)
  }
  return part as Part
}

function checked(exports: unknown, specifier: string, file: string): Plugin {
  const plugin = (exports as { default?: Partial<Plugin> } | null)?.default
  if (plugin?.kind !== "veloz-plugin" || plugin.definition === undefined) {
    throw pluginInvalidError(specifier, file, "its default export does not come from definePlugin({ ... })")
  }
  const { definition } = plugin
  for (const member of Object.keys(definition)) {
    if (!MEMBERS.has(member)) {
      throw pluginInvalidError(
        specifier,
        file,
        `definePlugin knows no ${JSON.stringify(member)}; it knows ${[...MEMBERS].join(", ")}`,
      )
    }
  }
  if (typeof definition.name !== "string" || !/^[a-z][a-z0-9-]*$/.test(definition.name)) {
    throw pluginInvalidError(
      specifier,
      file,
      `its name ${JSON.stringify(definition.name)} is not lower-case words with dashes`,
    )
  }
  return plugin as Plugin
}
