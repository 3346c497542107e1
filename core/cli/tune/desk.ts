import { Configuration } from "../../config/configuration.js"
import * as hot from "../../hot/index.js"
import * as veloz from "../../index.js"
import { findCandidates, offersOf } from "../../kernel/generation.js"
import { PluginSources } from "../../kernel/plugin-sources.js"
import { findDrift } from "../../tuning/drift.js"
import { Journals } from "../../tuning/journals.js"
import { openMachine } from "../../tuning/machine.js"
import { type Offers, planTuning, type TuningPlan } from "../../tuning/plan.js"
import { stateFolder } from "../../tuning/state-folder.js"
import type { Machine } from "../../tuning/tunable.js"
import type { CliEnvironment } from "../environment.js"
import { CommandPluginLoader } from "../offline-engine.js"

export interface TuneOptions {
  readonly config?: string
  readonly args: Readonly<Record<string, string>>
  readonly json: boolean
}

/** What `veloz tune` works on: this machine, its journals, and what the configuration of this project wants of it. */
export interface TuningDesk {
  readonly machine: Machine
  readonly journals: Journals
  /** As an engine of this configuration would offer them, to be applied whatever its mode. */
  readonly offers: Offers
  readonly plan: TuningPlan
}

export function openJournals({ env }: Pick<CliEnvironment, "env">, machine = openMachine()): Journals {
  return new Journals(stateFolder(env), machine, "cli")
}

/** Plans as an engine does: the same plugins, the same options, the same code. */
export async function openDesk({ config, args }: TuneOptions, environment: CliEnvironment): Promise<TuningDesk> {
  const machine = openMachine()
  const journals = openJournals(environment, machine)
  const offers = await wishedOffers({ config, args }, environment, machine)
  const others = journals.exist() ? journals.exclusively(() => journals.living()) : new Map()
  const drifts = findDrift(journals.ownEntries, machine).flatMap(({ id, found }) => {
    const wish = [...offers.values()].flatMap(({ wishes }) => wishes).find(({ tunable }) => tunable.id === id)?.wish
    return wish === undefined ? [] : [[id, { wish, found }] as const]
  })
  const standing = { entries: journals.ownEntries, others, yielded: new Map(drifts) }
  return { machine, journals, offers, plan: planTuning(offers, machine, standing) }
}

async function wishedOffers(
  { config, args }: Pick<TuneOptions, "config" | "args">,
  { cwd, env }: CliEnvironment,
  machine: Machine,
): Promise<Offers> {
  const sources = new PluginSources(new CommandPluginLoader())
  const modules = { veloz, "veloz/hot": hot }
  const effective = await new Configuration({ cwd, file: config, env, args, schemas: sources, modules }).load()
  const offers = offersOf((await findCandidates(effective, sources)).inUse, machine)
  return new Map([...offers].map(([name, offer]) => [name, { ...offer, apply: true }]))
}
