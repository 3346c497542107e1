import { leavesOf } from "../config/layers.js"
import type { IntervalFigures } from "./figures.js"
import { rankTest } from "./rank-test.js"
import type { Reading } from "./reading.js"

export interface Comparison {
  figures: ComparedFigure[]
  /** Options whose values differ, by path; undefined where the option is not set. */
  configuration: { path: string; before: unknown; after: unknown }[]
  /** What else differs, so that the figures may differ because of it. */
  warnings: string[]
}

/**
 * `noise`: the pieces of the two readings overlap, as those of one reading would. `few`: there are too few samples to
 * tell. `none`: one of the readings has no value.
 */
export type Verdict = "better" | "worse" | "noise" | "few" | "none"

export interface ComparedFigure {
  /** Where it stands in a reading: "latency.order_to_ack.p50_us". */
  path: string
  better: "lower" | "higher"
  before: number | null
  after: number | null
  /** In the direction that is better, of the value before. */
  improvement_pct: number | null
  /** How many times better: below 1 is worse. */
  factor: number | null
  verdict: Verdict
}

export function compareReadings(before: Reading, after: Reading): Comparison {
  const configuration = configurationChanges(before, after)
  return {
    figures: figureNames(before, after).map((name) => compareFigure(name, before, after)),
    configuration,
    warnings: [...warnOf(before, after), ...warnOfLoad(before, after, configuration)],
  }
}

// ---- figures

interface FigureName {
  readonly keys: readonly string[]
  readonly better: "lower" | "higher"
  /** The samples that a reading must have for the figure to mean something, and where their number stands. */
  readonly least: number
  readonly countKeys: readonly string[] | undefined
}

/**
 * Ten samples must lie beyond a percentile: where it lies among the sorted samples is then known to a third of their
 * number (the standard error of a count is its root).
 */
const PERCENTILES = { p50_us: 20, p95_us: 200, p99_us: 1000 }
/** The mean of fewer orders is a story about each of them. */
const LEAST_FOR_A_MEAN = 20
const RATES = ["orders_per_second", "market_updates_per_second"]

function figureNames(before: Reading, after: Reading): FigureName[] {
  const names: FigureName[] = []
  for (const latency of namesIn(before.latency, after.latency)) {
    for (const [percentile, least] of Object.entries(PERCENTILES)) {
      const keys = ["latency", latency, percentile]
      names.push({ keys, better: "lower", least, countKeys: ["latency", latency, "count"] })
    }
  }
  for (const rate of RATES) names.push({ keys: ["throughput", rate], better: "higher", least: 0, countKeys: undefined })
  for (const [path, count] of [["order_path", "orders"] as const, ["market_data_path", "updates"] as const]) {
    for (const stage of namesIn(before.profile[path], after.profile[path])) {
      const keys = ["profile", path, stage]
      names.push({ keys, better: "lower", least: LEAST_FOR_A_MEAN, countKeys: ["profile", count] })
    }
  }
  return names
}

function namesIn(before: object, after: object): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
}

function compareFigure(name: FigureName, before: Reading, after: Reading): ComparedFigure {
  const [old, now] = [numberAt(before, name.keys), numberAt(after, name.keys)]
  const known = { path: name.keys.join("."), better: name.better, before: old, after: now }
  if (!old || !now) return { ...known, improvement_pct: null, factor: null, verdict: "none" }
  const [gained, factor] = name.better === "lower" ? [old - now, old / now] : [now - old, now / old]
  return {
    ...known,
    improvement_pct: Math.round((gained / old) * 1000) / 10,
    factor: Math.round(factor * 100) / 100,
    verdict: judge(name, gained, before, after),
  }
}

/** The chance that is left to noise: one figure in a hundred that did not change is taken for one that did. */
const SIGNIFICANT_P = 0.01
/** With fewer pieces no difference reaches that chance. */
const LEAST_SLICES = 5

function judge({ keys, least, countKeys }: FigureName, gained: number, before: Reading, after: Reading): Verdict {
  const counts = countKeys === undefined ? [] : [numberAt(before, countKeys), numberAt(after, countKeys)]
  if (counts.some((count) => (count ?? 0) < least)) return "few"
  const [old, now] = [before, after].map(({ slices }) =>
    slices.map((slice) => numberAt(slice, keys)).filter((value) => value !== null),
  )
  if (Math.min(old.length, now.length) < LEAST_SLICES) return "few"
  if (gained === 0 || rankTest(old, now) >= SIGNIFICANT_P) return "noise"
  return gained > 0 ? "better" : "worse"
}

function numberAt(figures: IntervalFigures, keys: readonly string[]): number | null {
  let value: unknown = figures
  for (const key of keys) value = (value as Record<string, unknown> | undefined)?.[key]
  return typeof value === "number" ? value : null
}

// ---- what else differs

function configurationChanges(before: Reading, after: Reading): Comparison["configuration"] {
  const [old, now] = [leavesOf(before.configuration.values), leavesOf(after.configuration.values)]
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path)?.value, after: now.get(path)?.value }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after))
}

function warnOf(before: Reading, after: Reading): string[] {
  const warnings: string[] = []
  if (before.started_at === after.started_at) warnings.push("both files hold the same reading")
  else if (before.started_at > after.started_at) warnings.push("the reading before was taken after the other one")
  for (const name of namesIn(before.machine, after.machine)) {
    const [old, now] = [before.machine[name], after.machine[name]]
    if (old !== now) warnings.push(`the machines differ: ${name} was ${old}, then ${now}`)
  }
  if (before.version !== after.version) {
    warnings.push(`the versions of VeloZ differ: ${before.version}, then ${after.version}`)
  }
  for (const [name, { configuration }] of Object.entries({ before, after })) {
    const { first_generation, last_generation } = configuration
    if (first_generation === last_generation) continue
    warnings.push(`the configuration changed during the reading ${name}: it measures neither generation`)
  }
  return warnings
}

/** Options that make the load that is measured, rather than the engine that carries it. */
const LOAD = /^(symbols|venue|plugins\.quoter|plugins\.sim-exchange)\b/
/** Rates under the same load differ by less: the embedded exchange and the quoter keep to their pace. */
const SAME_LOAD_PCT = 10

function warnOfLoad(before: Reading, after: Reading, changes: Comparison["configuration"]): string[] {
  const options = changes.filter(({ path }) => LOAD.test(path)).map(({ path }) => path)
  const warnings = options.length === 0 ? [] : [`the load is another one: ${options.join(", ")} changed`]
  for (const rate of RATES) {
    const [old, now] = [numberAt(before, ["throughput", rate])!, numberAt(after, ["throughput", rate])!]
    if (Math.abs(now - old) <= (Math.max(old, now) * SAME_LOAD_PCT) / 100) continue
    warnings.push(`${rate} was ${old}, then ${now}: latencies under different loads do not compare`)
  }
  return warnings
}
