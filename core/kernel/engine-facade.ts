import { explain } from "../config/explain.js"
import { chooseAttempt } from "../history/choose.js"
import type { History } from "../history/history.js"
import { listAttempts, readAttempt } from "../history/read.js"
import type {
  ConfigurationAccess,
  EngineFacade,
  ExplainReading,
  HistoryAccess,
  PluginReading,
  TuningReader,
} from "./contract.js"
import { startingError } from "./errors.js"
import type { Faults } from "./faults.js"
import type { Generation } from "./generation.js"
import type { HeldParts } from "./held-parts.js"
import type { OpenEngine } from "./hot-side.js"
import type { PluginCosts } from "./plugin-costs.js"
import { requireOption } from "./require-option.js"

/** Where the facade reads: everything that is not there yet is undefined. */
export interface FacadeSource {
  readonly version: string
  uptimeSeconds(): number
  engine(): OpenEngine | undefined
  generation(): Generation | undefined
  /** Plugins that failed while they ran, and in what. */
  readonly faults: Pick<Faults, "get">
  readonly held: Pick<HeldParts, "of">
  readonly change: ConfigurationAccess["change"]
  readonly plan: ConfigurationAccess["plan"]
  history(): History | undefined
  readonly rollBack: HistoryAccess["rollBack"]
  readonly lease: ConfigurationAccess["lease"]
  readonly tuning: TuningReader
  readonly costs: Pick<PluginCosts, "steps" | "calls">
}

/** What control parts and the HTTP API see of the engine. */
export function createFacade(source: FacadeSource): EngineFacade {
  const open = (): OpenEngine => {
    const engine = source.engine()
    if (engine === undefined) throw startingError()
    return engine
  }
  return {
    get symbols() {
      return open().symbols
    },
    get orders() {
      return open().desk
    },
    get positions() {
      return open().positions
    },
    get account() {
      return open().account
    },
    ping: () => open().probe.ping(),
    get market() {
      return open().boards
    },
    get metrics() {
      return open().metrics
    },
    configuration: {
      generation: () => source.generation()?.number ?? 0,
      effective: () => (source.generation()?.config.values ?? {}) as Record<string, unknown>,
      change: (changes, author) => source.change(changes, author),
      explain: (path) => readOptions(source, path),
      plan: (wish) => source.plan(wish),
      plugins: () => readPlugins(source),
      pipeline: () => {
        const { market = [], order = [] } = source.generation()?.prepared.pipeline ?? {}
        return { market: [...market], order: [...order] }
      },
      history: historyOf(source),
      lease: (wish) => source.lease(wish),
    },
    tuning: source.tuning,
    version: source.version,
    uptimeSeconds: () => source.uptimeSeconds(),
  }
}

function readOptions(source: FacadeSource, path?: string): ExplainReading {
  const { number, config } = source.generation() ?? {}
  if (number === undefined || config === undefined) throw startingError()
  requireOption(config, path)
  return { generation: number, file: config.file ?? null, options: explain(config, path) }
}

function historyOf({ history, rollBack }: FacadeSource): HistoryAccess {
  const open = (): History => {
    const found = history()
    if (found === undefined) throw startingError()
    return found
  }
  return {
    list: async (limit) => listAttempts(open(), limit),
    read: async (attempt) => readAttempt(open(), await chooseAttempt(open(), attempt)),
    lastRejected: () => history()?.lastRejected,
    rollBack,
  }
}

function readPlugins(source: FacadeSource): PluginReading[] {
  const { members = [], prepared } = source.generation() ?? {}
  const stages = [...(prepared?.pipeline.market ?? []), ...(prepared?.pipeline.order ?? [])]
  return members.map(({ name, definition }) => {
    const fault = source.faults.get(name)
    return {
      name,
      version: definition.version,
      state: fault === undefined ? "running" : `failed in ${fault}`,
      stages: stages.filter((stage) => stage.includes(`(${name})`) || stage.endsWith(`: ${name}`)),
      timings: source.costs.steps(name),
      calls: source.costs.calls(name),
      held: source.held.of(name),
    }
  })
}
