import type { IntervalFigures } from "./figures.js"
import { rankTest } from "./rank-test.js"

// What a switch does to the latencies of an engine, from blocks of time that take turns: A without it, B with it, in the
// order ABBA, so that what drifts meanwhile falls on both alike.

/**
 * keep: something is better, and nothing worse. revert: something is worse. harmful: worse by more than a quarter.
 * conflict: what is better is paid for with what is worse. no effect: nothing differs by more than chance.
 * few: there were too few samples to tell.
 */
export type AbVerdict = "keep" | "revert" | "harmful" | "conflict" | "no effect" | "few"

/** One figure, from its value in each block. */
export interface AbFigure {
  /** As in a reading: "order_to_ack.p50_us". */
  readonly figure: string
  /** Medians of the blocks. */
  readonly off_us: number
  readonly on_us: number
  /** Of `off_us`; below 0 is faster. */
  readonly effect_pct: number
  /** How probable ranks that far apart are, if nothing differs. */
  readonly p: number
  /** The same of blocks that nothing was switched between: what this machine does by itself. */
  readonly control: { readonly effect_pct: number; readonly p: number }
  readonly judgement: "better" | "worse" | "same"
}

export interface AbResult {
  readonly verdict: AbVerdict
  readonly figures: readonly AbFigure[]
}

/** Whether a block is with the switch (B). */
export function isOn(block: number): boolean {
  return block % 4 === 1 || block % 4 === 2
}

export function judgeBlocks(blocks: readonly IntervalFigures[]): AbResult {
  const figures = FIGURES.flatMap((figure) => judgeFigure(figure, blocks) ?? [])
  return { verdict: verdictOf(figures), figures }
}

interface FigureName {
  readonly latency: string
  readonly percentile: "p50_us" | "p95_us" | "p99_us"
  /** Samples that a block must have: ten lie beyond the percentile. */
  readonly least: number
}

const LATENCIES = ["order_to_ack", "exchange_to_engine", "processing"]
const PERCENTILES = [
  ["p50_us", 20],
  ["p95_us", 200],
  ["p99_us", 1000],
] as const
const FIGURES: readonly FigureName[] = LATENCIES.flatMap((latency) =>
  PERCENTILES.map(([percentile, least]) => ({ latency, percentile, least })),
)

/** One figure in a hundred that did not change is taken for one that did. */
const SIGNIFICANT_P = 0.01
/** What differs by less is not worth a setting. */
const LEAST_EFFECT_PCT = 5
const HARMFUL_PCT = 25
/** With fewer blocks of a kind no difference reaches that chance. */
const LEAST_BLOCKS = 5

function judgeFigure(
  { latency, percentile, least }: FigureName,
  blocks: readonly IntervalFigures[],
): AbFigure | undefined {
  const values = blocks.map(({ latency: latencies }) => {
    const summary = latencies[latency]
    return summary !== undefined && summary.count >= least ? summary[percentile] : null
  })
  const pick = (wanted: (block: number) => boolean): number[] =>
    values.flatMap((value, block) => (value !== null && wanted(block) ? [value] : []))
  const [off, on] = [pick((block) => !isOn(block)), pick(isOn)]
  if (Math.min(off.length, on.length) < LEAST_BLOCKS) return undefined
  const { effect_pct, p } = compare(off, on)
  // The two blocks without the switch of each four: nothing was changed between them but the time.
  const control = compare(
    pick((block) => block % 4 === 0),
    pick((block) => block % 4 === 3),
  )
  const isReal = p < SIGNIFICANT_P && Math.abs(effect_pct) >= LEAST_EFFECT_PCT
  return {
    figure: `${latency}.${percentile}`,
    off_us: median(off),
    on_us: median(on),
    effect_pct,
    p,
    control,
    judgement: isReal ? (effect_pct < 0 ? "better" : "worse") : "same",
  }
}

function verdictOf(figures: readonly AbFigure[]): AbVerdict {
  if (figures.length === 0) return "few"
  const better = figures.some(({ judgement }) => judgement === "better")
  const worse = figures.filter(({ judgement }) => judgement === "worse")
  if (worse.length === 0) return better ? "keep" : "no effect"
  if (better) return "conflict"
  return worse.some(({ effect_pct }) => effect_pct > HARMFUL_PCT) ? "harmful" : "revert"
}

function compare(off: readonly number[], on: readonly number[]): { effect_pct: number; p: number } {
  const [before, after] = [median(off), median(on)]
  const effect_pct = before > 0 ? Math.round((after / before - 1) * 1000) / 10 : 0
  return { effect_pct, p: rankTest(off, on) }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}
