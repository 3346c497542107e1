import { bounded } from "../config/bounded.js"
import type { Diagnostic } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { type Plan, planChange } from "../config/plan.js"
import type { CodeTrial } from "./code-trial.js"
import type { CheckContext } from "./contract.js"
import { restartNeededError, VelozError } from "./errors.js"
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

/**
 * What a start, a save, an API call, `veloz check` and `veloz plan` have in common. `old` is what runs now, and `trial`
 * where code is tried first, so that this thread does not wait in it.
 */
export async function draft(
  config: EffectiveConfig,
  sources: PluginSources,
  old?: Standing,
  trial?: Pick<CodeTrial, "check">,
): Promise<Draft> {
  const plan = old === undefined ? undefined : planChange(old.config, config)
  const found = await findCandidates(config, sources)
  const problems: Diagnostic[] = []
  const report = (error: VelozError, plugin?: string): void => void problems.push(objection(error, config, plugin))
  for (const { paths, reason } of plan?.refused ?? []) {
    const [first, ...others] = paths.filter(({ reload }) => reload === "restart").map(({ path }) => path)
    report(restartNeededError(reason, first, others))
  }
  for (const candidate of found) {
    const { name } = candidate
    for (const error of await objectionsOf(candidate, config, trial)) report(error, name)
  }
  const candidates = orderPlugins(found, [...config.schemas.keys()], (error, plugin) => report(error, plugin))
  return { config, candidates, plan, actions: planActions(candidates, plan, old), problems }
}

/** What the check of a plugin reports of its options. */
async function objectionsOf(
  candidate: Candidate,
  config: EffectiveConfig,
  trial: Pick<CodeTrial, "check"> | undefined,
): Promise<VelozError[]> {
  const { name, entry, definition, found } = candidate
  const { check } = definition
  if (check === undefined) return []
  try {
    await trial?.check(candidate, config)
  } catch (error) {
    if (error instanceof VelozError) return [error]
    throw error
  }
  const run = (context: CheckContext): void => check(entry.options as never, context)
  // What stands beside core needs no guard, which starts a thread for each call.
  const guarded = found.source.kind === "module" ? run : (context: CheckContext) => bounded(() => run(context))
  return collectObjections(name, "check", config, guarded)
}
