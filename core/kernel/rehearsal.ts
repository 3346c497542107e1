import { ConfigError, type Diagnostic } from "../config/diagnostic.js"
import { isSame } from "../config/same.js"
import type { MetricNames } from "../threads/metric-slots.js"
import type { Machine } from "../tuning/tunable.js"
import type { Tuning } from "../tuning/tuning.js"
import { bareSymbol } from "./bare-symbol.js"
import { httpOf } from "./claims.js"
import type { CodeTrial } from "./code-trial.js"
import type { SymbolSpec } from "./contract.js"
import type { Draft } from "./draft.js"
import { VelozError } from "./errors.js"
import { changesOf, type Generation, offersOf, planActions } from "./generation.js"
import type { HotSide } from "./hot-side.js"
import type { HttpService } from "./http.js"
import { objection } from "./objection.js"
import { tryPorts } from "./port-trial.js"
import { speaksToVenue } from "./speaks-to-venue.js"

export interface RehearsalGround {
  readonly http: HttpService
  readonly hot: HotSide
  readonly tuning: Tuning
  readonly machine: Machine
  readonly trial: CodeTrial
}

/**
 * What a save would find out while it prepares, as far as it can be found out and leaves nothing: each step is what a
 * save does there, or its first half. Control parts are not made, so that what they would refuse is not known.
 */
export async function rehearse(draft: Draft, old: Generation, ground: RehearsalGround): Promise<Diagnostic[]> {
  const { config, candidates, actions, claims } = draft
  const { http, hot, tuning, machine } = ground
  const problems: Diagnostic[] = []
  const attempt = async <T>(plugin: string | undefined, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ConfigError) problems.push(...error.diagnostics)
      else if (error instanceof VelozError) problems.push(objection(error, config, plugin))
      else throw error
      return undefined
    }
  }
  for (const { name } of candidates) {
    if (actions.get(name) !== "remake") continue
    await attempt(name, () => tryPorts(claims.get(name)?.ports, old.claims.get(name)?.ports))
  }
  if (isMoveAtVenue(draft, old)) await attempt(undefined, () => hot.refuseMove(config.symbols))
  const names = await attempt(undefined, () => composeHotParts(draft, old, ground))
  if (names !== undefined) problems.push(...objectionsOfStanding(draft, old, hot, names))
  const { plugin, address } = httpOf(claims)
  if (address !== undefined) await attempt(plugin, () => http.try(address))
  await attempt(undefined, () => tuning.judge(offersOf(candidates, machine)))
  return problems
}

/** Other threads go on with the orders of these: the venue stays, and the account there as well. */
function isMoveAtVenue({ threads, config, candidates, plan }: Draft, old: Generation): boolean {
  if (threads !== "replace" || !isSame(config.venue, old.config.venue)) return false
  const actions = planActions(candidates, plan, old)
  return candidates.every(({ name, definition }) => !speaksToVenue(definition) || actions.get(name) !== "remake")
}

/** Makes the hot parts on a thread that trades nothing. Returns what they would measure. */
async function composeHotParts(draft: Draft, old: Generation, { hot, trial }: RehearsalGround): Promise<MetricNames> {
  const { config, candidates, actions, threads } = draft
  const known = hot.engine!.symbols.all
  const symbols = config.symbols.map((name, index): SymbolSpec => {
    const spec = known.find((one) => one.name === name)
    return spec === undefined ? bareSymbol(name, index) : { ...spec, index }
  })
  const changes = changesOf(candidates, actions)
  await trial.parts(config, changes, symbols, old)
  const standing = threads === "replace" ? [] : changesOf(old.members, actions)
  return trial.compose(standing, changes, symbols)
}

/** What control parts that stay have against their options. */
function objectionsOfStanding(
  { config, around, candidates, actions }: Draft,
  old: Generation,
  hot: HotSide,
  names: MetricNames,
): Diagnostic[] {
  return hot.engine!.metrics.supposing(names, () =>
    candidates.flatMap(({ name, entry }) => {
      const standing = actions.get(name) === "remake" ? undefined : old.members.find((member) => member.name === name)
      return standing?.part?.objections(entry.options, around).map((error) => objection(error, config, name)) ?? []
    }),
  )
}
