import { createRequire } from "node:module"
import { type Evaluated, evaluate } from "../config/evaluate.js"
import type { Place } from "../config/place.js"
import type { PluginBundle, PluginSource } from "../threads/messages.js"
import { checkDefinition } from "./check-definition.js"
import type { Plugin } from "./contract.js"
import { pluginNotExportedError } from "./errors.js"

const require = createRequire(import.meta.url)

/**
 * Loads plugins on one thread, without waiting, so that a thread that never runs its event loop can. A bundle is
 * evaluated once for each content; the plugins beside core are modules, and there is one instance of `veloz`.
 */
export class PluginLoader {
  readonly #bundles = new Map<string, Evaluated>()

  /** `modules` are the doors of this very engine, handed to bundles in place of their own copy. */
  constructor(private readonly modules: Readonly<Record<string, unknown>>) {}

  load(source: PluginSource, specifier: string): Plugin {
    if (source.kind === "module") return checkDefinition(require(source.file).default, specifier, source.file)
    const { exports } = this.#evaluated(source)
    if (source.plugin === undefined) return checkDefinition(exports.default, specifier, source.entry)
    const found = Object.values(exports).find((value) => (value as Plugin | null)?.definition?.name === source.plugin)
    if (found === undefined) throw pluginNotExportedError(source.plugin, source.entry)
    return checkDefinition(found, specifier, source.entry)
  }

  /** A bundle with this content has been evaluated. */
  has(hash: string): boolean {
    return this.#bundles.has(hash)
  }

  #evaluated(source: PluginBundle): Evaluated {
    const known = this.#bundles.get(source.hash)
    if (known !== undefined) return known
    const code = evaluate(source, this.modules)
    this.#bundles.set(source.hash, code)
    return code
  }

  /** Puts the places of sources into the stack of what a plugin threw, and returns the innermost of them. */
  locate(error: unknown): Place | undefined {
    if (!(error instanceof Error) || error.stack === undefined) return undefined
    const { stack } = error
    const bundles = [...this.#bundles.values()]
    error.stack = bundles.reduce((mapped, code) => code.mapStack(mapped), stack)
    return bundles.map((code) => code.placeOf(stack)).find((place) => place !== undefined)
  }

  /** Forgets bundles that no generation uses any more. */
  retain(hashes: ReadonlySet<string>): void {
    for (const hash of this.#bundles.keys()) if (!hashes.has(hash)) this.#bundles.delete(hash)
  }
}
