import { readFile } from "node:fs/promises"
import { show } from "../config/errors.js"
import { readingUnreadableError } from "../kernel/errors.js"
import { type ComparedFigure, type Comparison, compareReadings, type Verdict } from "../measure/comparison.js"
import { parseReading, type Reading } from "../measure/reading.js"
import { cell, columns } from "./columns.js"
import type { CliEnvironment } from "./environment.js"

export interface CompareOptions {
  readonly before: string
  readonly after: string
  readonly json: boolean
}

/** Prints what two readings differ in: figures, configuration, and what else their differences may come from. */
export async function compare({ before, after, json }: CompareOptions, { stdout }: CliEnvironment): Promise<number> {
  const [old, now] = [await readReading(before), await readReading(after)]
  const comparison = compareReadings(old, now)
  if (json) stdout.write(`${JSON.stringify({ before: aboutOf(old), after: aboutOf(now), ...comparison }, null, 2)}\n`)
  else stdout.write(describeComparison(old, now, comparison))
  return 0
}

async function readReading(file: string): Promise<Reading> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw readingUnreadableError(file, error.message)
  })
  return parseReading(text, file)
}

function aboutOf({ started_at, seconds, url, version, machine }: Reading): object {
  return { started_at, seconds, url, version, machine }
}

function describeComparison(before: Reading, after: Reading, comparison: Comparison): string {
  const { figures, configuration, warnings } = comparison
  const changes = configuration.map(({ path, before, after }) => `  ${path}: ${show(before)} -> ${show(after)}`)
  const lines = [
    ...columns([aboutRow("before", before), aboutRow("after", after)]),
    "",
    ...(changes.length === 0 ? ["the configuration is the same"] : ["configuration", ...changes]),
    "",
    ...columns([HEAD, ...SECTIONS.flatMap((section) => sectionRows(section, figures))]),
    "",
    ...LEGEND,
    ...warnings.map((warning) => `warning: ${warning}`),
  ]
  return `${lines.join("\n")}\n`
}

function aboutRow(name: string, { started_at, seconds, version, configuration }: Reading): string[] {
  return [
    name,
    started_at,
    `${seconds.toFixed(1)} s`,
    `VeloZ ${version}`,
    `generation ${configuration.last_generation}`,
  ]
}

const HEAD = ["", "before", "after", "improvement", "factor", ""]
const SECTIONS = [
  { prefix: "latency.", title: "latency, us (lower is better)" },
  { prefix: "throughput.", title: "rates (higher is better)" },
  { prefix: "profile.order_path.", title: "the way of an order, mean us (lower is better)" },
  { prefix: "profile.market_data_path.", title: "the way of an update, mean us (lower is better)" },
]
const WORDS: Record<Verdict, string> = {
  better: "better",
  worse: "worse",
  noise: "noise",
  few: "few samples",
  none: "",
}
const LEGEND = [
  "noise: the pieces of one reading lie among those of the other, as chance would have it (rank test, p >= 0.01). Of a",
  "hundred figures that did not change, one is called better or worse all the same; and what did change may be the hour:",
  "take both readings again, in turns, before you believe a small difference.",
]

function sectionRows({ prefix, title }: { prefix: string; title: string }, figures: ComparedFigure[]): string[][] {
  const own = figures.filter(({ path }) => path.startsWith(prefix))
  return [[], [title], ...own.map((figure) => figureRow(figure, figure.path.slice(prefix.length)))]
}

function figureRow({ before, after, improvement_pct, factor, verdict }: ComparedFigure, name: string): string[] {
  const improvement =
    improvement_pct === null ? "-" : `${improvement_pct > 0 ? "+" : ""}${improvement_pct.toFixed(1)} %`
  const times = factor === null ? "-" : `${factor.toFixed(2)}x`
  return [
    `  ${name.replace(/_us$/, "").replace(".", " ")}`,
    cell(before, 1),
    cell(after, 1),
    improvement,
    times,
    WORDS[verdict],
  ]
}
