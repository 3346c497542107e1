import { bounded } from "../config/bounded.js"
import type { Diagnostic } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { type Plan, planChange } from "../config/plan.js"
import type { CheckContext } from "./contract.js"
import { restartNeededError, type VelozError } from "./errors.js"
import { type Actions, type Candidate, findCandidates, planActions, type Standing } from "./generation.js"
import { collectObjections, objection } from "./objection.js"
import { orderPlugins } from "./plugin-order.js"
import type { PluginSources } from "./plugin-sources.js"

/** A configuration, and what it would change: as much as can be said before anything is prepared. */
export interface Draft {
  readonly config: EffectiveConfig
  /** Its plugins, in the order in which they start. */
  readonly candidates: readonly Candidate[]
  /** Undefined where nothing runs yet. */
  readonly plan: Plan | undefined
  readonly actions: Actions
  /** With any, the configuration is refused. */
  readonly problems: Diagnostic[]
}

/** What a start, a save, an API call, `veloz check` and `veloz plan` have in common. `old` is what runs now. */
export async function draft(config: EffectiveConfig, sources: PluginSources, old?: Standing): Promise<Draft> {
  const plan = old === undefined ? undefined : planChange(old.config, config)
  const found = await findCandidates(config, sources)
  const problems: Diagnostic[] = []
  const report = (error: VelozError, plugin?: string): void => void problems.push(objection(error, config, plugin))
  for (const { paths, reason } of plan?.refused ?? []) {
    const [first, ...others] = paths.filter(({ reload }) => reload === "restart").map(({ path }) => path)
    report(restartNeededError(reason, first, others))
  }
  for (const { name, entry, definition } of found) {
    const check = (context: CheckContext): void => bounded(() => definition.check?.(entry.options as never, context))
    for (const error of collectObjections(name, "check", config, check)) report(error, name)
  }
  const candidates = orderPlugins(found, [...config.schemas.keys()], (error, plugin) => report(error, plugin))
  return { config, candidates, plan, actions: planActions(candidates, plan, old), problems }
}
