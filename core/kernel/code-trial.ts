import type { EffectiveConfig } from "../config/effective.js"
import type { ConfigEnv } from "../config/types.js"
import { receivedError } from "../threads/hot-thread-handle.js"
import type { PluginBundle, PluginChange } from "../threads/messages.js"
import type { MetricNames } from "../threads/metric-slots.js"
import type { Surroundings, SymbolSpec } from "./contract.js"
import { describePlugin, startingError } from "./errors.js"
import { type Candidate, type Generation, newCode } from "./generation.js"
import { placing } from "./objection.js"
import { Trial } from "./trial.js"

type Script = Pick<PluginBundle, "entry" | "code" | "hash">

/**
 * What of a change is tried before the engine runs it: configurations, presets and plugins as they are loaded, and of
 * plugins that do not stand beside core their checks, and their hot parts as they are made or retuned. Control parts are
 * not: what they are given cannot be had twice, and what they do outside would be done twice.
 */
export class CodeTrial {
  readonly #told = new Set<string>()
  /** What each plugin was asked last of its options: that it comes to an end is known then. */
  readonly #judged = new Map<string, string>()

  constructor(
    private readonly env: ConfigEnv,
    private readonly onNotice: (notice: string) => void,
    private readonly trial = new Trial(),
  ) {}

  start(): void {
    this.trial.warm()
  }

  close(): Promise<void> {
    return this.trial.close()
  }

  /** Rejects when the script does not come to an end. */
  async script(what: string, { entry, code, hash }: Script): Promise<void> {
    const leftovers = await this.trial.run(what, { type: "script", entry, code, hash, env: this.env })
    this.#tell(`${what} leaves running what nobody ends, when it is loaded`, hash, leftovers)
  }

  /** Rejects when what a plugin has to say of its options does not come to an end: its `check` and its `claims`. */
  async judgement(candidate: Candidate, wish: Surroundings): Promise<void> {
    const { name, entry, found, definition } = candidate
    const { source } = found
    const isSilent = definition.check === undefined && definition.claims === undefined
    if (isSilent || source.kind === "module") return
    const { config, cpus, services } = wish
    const { symbols, venue, topology, idle_strategy } = config
    const around = { config: { symbols, venue, topology, idle_strategy }, cpus, services }
    const { options } = entry
    const asked = JSON.stringify([source.hash, options, around])
    if (this.#judged.get(name) === asked) return
    await this.trial.run(`plugin ${describePlugin(candidate)}`, { type: "check", name, source, options, around })
    this.#judged.set(name, asked)
  }

  /** Rejects when the parts of a plugin do not come to an end while they are made, retuned or disposed of. */
  async parts(
    config: EffectiveConfig,
    changes: readonly PluginChange[],
    symbols: readonly SymbolSpec[],
    old: Pick<Generation, "members">,
  ): Promise<void> {
    const recoded = newCode(changes, old)
    for (const plugin of changes) {
      if (plugin.action === "keep" || plugin.source.kind === "module") continue
      const standing = plugin.action === "retune" ? old.members.find(({ name }) => name === plugin.name) : undefined
      const before = standing?.entry.options
      const isNewCode = recoded.includes(plugin)
      const what = `plugin ${describePlugin({ name: plugin.name, file: plugin.source.entry })}`
      const task = { type: "parts", symbols, plugin, before, isNewCode } as const
      const leftovers = await placing(config, plugin.name, () => this.trial.run(what, task))
      this.#tell(`${what} leaves running what nobody ends, after its dispose`, plugin.source.hash, leftovers)
    }
  }

  /** Makes the hot parts of a generation as threads do on which `standing` runs. Returns what they would measure. */
  async compose(
    standing: readonly PluginChange[],
    changes: readonly PluginChange[],
    symbols: readonly SymbolSpec[],
  ): Promise<MetricNames> {
    const composed = await this.trial.compose({ type: "compose", symbols, standing, changes })
    if (composed === undefined) throw startingError()
    if ("refusal" in composed) throw receivedError(composed.refusal)
    return composed.names
  }

  /** Once for each content of the code. */
  #tell(sentence: string, hash: string, leftovers: readonly string[]): void {
    if (leftovers.length === 0 || this.#told.has(hash)) return
    this.#told.add(hash)
    this.onNotice(`${sentence}: ${leftovers.join(", ")}`)
  }
}
