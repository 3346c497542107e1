import type { EffectiveConfig, PluginEntry } from "../config/effective.js"
import type { Plan, PlanStep } from "../config/plan.js"
import type { RunCode } from "../history/history.js"
import type { PluginChange } from "../threads/messages.js"
import type { Shape } from "../threads/topology.js"
import type { Offers } from "../tuning/plan.js"
import type { Machine, TuningOffer } from "../tuning/tunable.js"
import type { ClaimsByPlugin } from "./claims.js"
import type { ControlPart } from "./control-part.js"
import { pluginThrewError, VelozError } from "./errors.js"
import type { PreparedHot } from "./hot-set.js"
import type { FoundPlugin, PluginSources } from "./plugin-sources.js"
import type { ServiceRegistry } from "./services.js"

/** A plugin that a configuration switches on, found and not yet started. */
export interface Candidate {
  readonly name: string
  readonly entry: PluginEntry
  readonly found: FoundPlugin
  readonly file: string
  readonly definition: FoundPlugin["plugin"]["definition"]
}

/** A plugin of a generation, as control holds it. */
export interface Member extends Candidate {
  readonly part: ControlPart | undefined
}

/** A configuration in force, with everything that was made for it. */
export interface Generation {
  readonly number: number
  readonly config: EffectiveConfig
  readonly members: readonly Member[]
  /** Plugins that are on, and are for venues of another kind: found, and not started. */
  readonly leftOut: readonly Candidate[]
  readonly services: ServiceRegistry
  readonly claims: ClaimsByPlugin
  readonly shape: Shape
  readonly prepared: PreparedHot
}

export type Actions = ReadonlyMap<string, PluginChange["action"]>

/** What a change is planned against. */
export interface Standing {
  readonly config: EffectiveConfig
  readonly members: readonly Candidate[]
  readonly services?: ServiceRegistry
  readonly claims: ClaimsByPlugin
  readonly shape: Shape | undefined
}

/** The plugins that a configuration switches on. */
export interface Candidates {
  readonly inUse: readonly Candidate[]
  /** Those that are for venues of another kind. */
  readonly leftOut: readonly Candidate[]
}

/** Finds every plugin of a configuration, in its order. */
export async function findCandidates(config: EffectiveConfig, sources: PluginSources): Promise<Candidates> {
  const all = await Promise.all(
    config.plugins.map(async (entry): Promise<Candidate> => {
      const found = await sources.findEntry(entry, config.root, config.file)
      const { source, plugin } = found
      const file = source.kind === "module" ? source.file : source.entry
      return { name: entry.name, entry, found, file, definition: plugin.definition }
    }),
  )
  const isInUse = ({ definition: { venues } }: Candidate): boolean => venues?.includes(config.venue.kind) ?? true
  return { inUse: all.filter(isInUse), leftOut: all.filter((one) => !isInUse(one)) }
}

/**
 * What becomes of each plugin. It is made anew when its options ask for it, when its code is another, or when it uses
 * a service of one that is made anew or leaves.
 */
export function planActions(
  candidates: readonly Candidate[],
  plan: Plan | undefined,
  old: Standing | undefined,
): Actions {
  const steps = new Map(plan?.steps.map((step) => [step.plugin, step]))
  const actions = new Map<string, PluginChange["action"]>()
  for (const candidate of candidates) {
    const standing = old?.members.find(({ name }) => name === candidate.name)
    const isNew = standing === undefined || !isSameCode(standing, candidate)
    actions.set(candidate.name, isNew ? "remake" : actionOf(steps.get(candidate.name)))
  }
  const changed = (old?.members ?? []).filter(({ name }) => (actions.get(name) ?? "remake") === "remake")
  for (const name of old?.services?.usersOf(changed.map((member) => member.name)) ?? []) {
    if (actions.has(name)) actions.set(name, "remake")
  }
  return actions
}

/** The same where all hot threads are made anew: so is every plugin that has parts on them, or places them on cores. */
export function planMove(candidates: readonly Candidate[], actions: Actions, old: Standing): Actions {
  const isOnThreads = ({ name, definition: { network, engine, strategy } }: Candidate): boolean => {
    const { pins = [], realtime, housekeeping } = old.claims.get(name) ?? {}
    return pins.length > 0 || [network, engine, strategy, realtime, housekeeping].some((made) => made !== undefined)
  }
  const remade = candidates.filter((one) => actions.get(one.name) === "remake" || isOnThreads(one))
  const names = new Set(remade.map(({ name }) => name))
  const users = old.services?.usersOf([...names]) ?? new Set()
  return new Map([...actions].map(([name, action]) => [name, names.has(name) || users.has(name) ? "remake" : action]))
}

/** What each plugin wants of the machine with its options. */
export function offersOf(candidates: readonly Candidate[], machine: Machine): Offers {
  const offers: Map<string, TuningOffer> = new Map()
  for (const { name, entry, definition } of candidates) {
    if (definition.tuning === undefined) continue
    try {
      offers.set(name, definition.tuning(entry.options as never, machine))
    } catch (error) {
      if (error instanceof VelozError) throw error
      throw pluginThrewError(name, "tuning", error)
    }
  }
  return offers
}

/** The code that a member runs. */
export function codeOf({ name, entry, definition, found: { source } }: Member): RunCode {
  const about = { name, specifier: entry.specifier, version: definition.version }
  if (source.kind === "module") return { ...about, bundle: null }
  const { entry: file, plugin = null, hash, code } = source
  return { ...about, bundle: { entry: file, plugin, hash, code } }
}

/** The plugins that run other code than before, where anything ran before. To new threads all code is. */
export function newCode(
  changes: readonly PluginChange[],
  old: Pick<Generation, "members"> | undefined,
  isMove = false,
): PluginChange[] {
  if (old === undefined) return []
  if (isMove) return changes.filter((change) => hashOf(change) !== undefined)
  const running = new Map(old.members.map(({ name, found }) => [name, hashOf(found)]))
  return changes.filter((change) => hashOf(change) !== undefined && hashOf(change) !== running.get(change.name))
}

/** Of its code, where that is a bundle. */
export const hashOf = ({ source }: Pick<PluginChange, "source">): string | undefined =>
  source.kind === "bundle" ? source.hash : undefined

/** What hot threads are told of each plugin. */
export function changesOf(candidates: readonly Candidate[], actions: Actions): PluginChange[] {
  return candidates.map(({ name, entry, found: { source } }) => {
    return { name, action: actions.get(name)!, options: entry.options, source }
  })
}

/** Names of those that stood before with other code. */
export function recoded(candidates: readonly Candidate[], old: Standing | undefined): string[] {
  const changed = candidates.filter((candidate) => {
    const standing = old?.members.find(({ name }) => name === candidate.name)
    return standing !== undefined && !isSameCode(standing, candidate)
  })
  return changed.map(({ name }) => name)
}

function actionOf(step: PlanStep | undefined): PluginChange["action"] {
  if (step === undefined || step.action === "keep") return "keep"
  return step.action === "retune" && !step.rebuildPipeline ? "retune" : "remake"
}

export function isSameCode(one: Candidate, other: Candidate): boolean {
  const [a, b] = [one.found.source, other.found.source]
  return a.kind === "bundle" && b.kind === "bundle" ? a.hash === b.hash : a.kind === b.kind
}
