import { bounded } from "../config/bounded.js"
import type { Diagnostic } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { type Plan, planChange } from "../config/plan.js"
import { isSame } from "../config/same.js"
import type { Shape } from "../threads/topology.js"
import { type ClaimsByPlugin, claimsOf, type Ground, judgeClaims, placesOf } from "./claims.js"
import type { CodeTrial } from "./code-trial.js"
import type { CheckContext, Claims, Surroundings } from "./contract.js"
import { restartNeededError, serviceTakenError, VelozError } from "./errors.js"
import { type Actions, type Candidate, findCandidates, planActions, planMove, type Standing } from "./generation.js"
import { judgeVenue } from "./judge-venue.js"
import { collectObjections, objection } from "./objection.js"
import { orderPlugins } from "./plugin-order.js"
import type { PluginSources } from "./plugin-sources.js"

/** A configuration, and what it would change: as much as can be said before anything is prepared. */
export interface Draft {
  readonly config: EffectiveConfig
  /** What its plugins are judged beside. */
  readonly around: Surroundings
  /** Its plugins, in the order in which they start. */
  readonly candidates: readonly Candidate[]
  /** Those that are on, and are for venues of another kind. */
  readonly leftOut: readonly Candidate[]
  /** Undefined where nothing runs yet. */
  readonly plan: Plan | undefined
  readonly actions: Actions
  readonly claims: ClaimsByPlugin
  /** How the roles are placed on threads; undefined where that is refused. */
  readonly shape: Shape | undefined
  /** What becomes of the hot threads: other ones take over, they idle in another way, or nothing. */
  readonly threads: "keep" | "retune" | "replace"
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
  ground: Ground,
  old?: Standing,
  trial?: Pick<CodeTrial, "judgement">,
): Promise<Draft> {
  const plan = old === undefined ? undefined : planChange(old.config, config)
  const { inUse: found, leftOut } = await findCandidates(config, sources)
  const problems: Diagnostic[] = []
  const report = (error: VelozError, plugin?: string): void => void problems.push(objection(error, config, plugin))
  const isInUse = (plugin: string): boolean => found.some(({ name }) => name === plugin)
  for (const { plugin, paths, reason } of plan?.refused ?? []) {
    if (plugin !== "" && !isInUse(plugin)) continue
    const [first, ...others] = paths.filter(({ reload }) => reload === "restart").map(({ path }) => path)
    report(restartNeededError(reason, first, others))
  }
  const services = found.flatMap(({ definition }): readonly string[] => definition.provides ?? [])
  const around: Surroundings = { config, cpus: ground.cpus, services }
  const judged = new Map<string, Claims | undefined>()
  for (const candidate of found) {
    const { errors, claims } = await judge(candidate, around, sources, trial)
    for (const error of errors) report(error, candidate.name)
    judged.set(candidate.name, claims)
  }
  refuseTwoProviders(found, report)
  const objectionToVenue = await judgeVenue(config, found)
  if (objectionToVenue !== undefined) report(objectionToVenue)
  const candidates = orderPlugins(found, {
    known: [...config.schemas.keys()],
    leftOut: leftOut.map(({ name }) => name),
    report: (error, plugin) => report(error, plugin),
  })
  const claims = new Map(candidates.map(({ name }) => [name, judged.get(name) ?? {}]))
  const isWhole = [...judged.values()].every((claim) => claim !== undefined)
  const shape = isWhole ? judgeClaims(claims, config, ground, report) : undefined
  const asked = plan?.steps.some(({ plugin, action }) => action === "replace" && isInUse(plugin)) ?? false
  const threads = asked ? "replace" : threadsOf(config, shape, claims, old)
  const actions = planActions(candidates, plan, old)
  return {
    config,
    around,
    candidates,
    leftOut,
    plan,
    actions: threads === "replace" ? planMove(candidates, actions, old!) : actions,
    claims,
    shape,
    threads,
    problems,
  }
}

/** Nothing of what runs would be another. */
export function isEmpty({ candidates, actions, threads }: Draft, old: Standing): boolean {
  const names = candidates.map(({ name }) => name)
  const before = old.members.map(({ name }) => name)
  return threads === "keep" && isSame(names, before) && names.every((name) => actions.get(name) === "keep")
}

/** Who speaks to the venue, which is a service as well, is judged for itself. */
function refuseTwoProviders(found: readonly Candidate[], report: (error: VelozError, plugin: string) => void): void {
  const providers = new Map<string, Candidate>()
  for (const candidate of found) {
    for (const service of candidate.definition.provides?.filter((name) => name !== "venue") ?? []) {
      const other = providers.get(service)
      if (other !== undefined) report(serviceTakenError(candidate, service, other), candidate.name)
      providers.set(service, candidate)
    }
  }
}

function threadsOf(
  config: EffectiveConfig,
  shape: Shape | undefined,
  claims: ClaimsByPlugin,
  old: Standing | undefined,
): Draft["threads"] {
  if (old === undefined) return "keep"
  const isElsewhere = !isSame([old.config.symbols, old.config.venue], [config.symbols, config.venue])
  if (isElsewhere) return "replace"
  if (shape === undefined || old.shape === undefined) return "keep"
  const isOther = placesOf(old.claims).semiSpaceMb !== placesOf(claims).semiSpaceMb
  if (isOther || shape.topology !== old.shape.topology) return "replace"
  return shape.idleStrategy === old.shape.idleStrategy ? "keep" : "retune"
}

/** What a plugin has against its options, or else what it claims with them. */
async function judge(
  candidate: Candidate,
  around: Surroundings,
  sources: PluginSources,
  trial: Pick<CodeTrial, "judgement"> | undefined,
): Promise<{ errors: readonly VelozError[]; claims?: Claims }> {
  const { name, entry, definition, found } = candidate
  const { check } = definition
  try {
    await trial?.judgement(candidate, around)
    const run = (context: CheckContext): void => check?.(entry.options as never, context)
    // What stands beside core needs no guard, which starts a thread for each call.
    const guarded = found.source.kind === "module" ? run : (context: CheckContext) => bounded(() => run(context))
    const locate = (error: unknown) => sources.locate(error)
    const errors = check === undefined ? [] : collectObjections(name, "check", around, guarded, locate)
    return errors.length > 0 ? { errors } : { errors, claims: claimsOf(candidate, around, locate) }
  } catch (error) {
    if (error instanceof VelozError) return { errors: [error] }
    throw error
  }
}
