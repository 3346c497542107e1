import { resolve } from "node:path"
import { ConfigError, type Diagnostic, formatDiagnostic, formatDiagnostics } from "../config/diagnostic.js"
import { show } from "../config/errors.js"
import { formatPath } from "../config/path.js"
import { formatPlace } from "../config/place.js"
import type { Log, PathPlan, PlanReading } from "../kernel/contract.js"
import { readPlan, refusedPlan } from "../kernel/read-plan.js"
import type { CliEnvironment } from "./environment.js"
import { findEngine } from "./find-engine.js"
import { draftOffline } from "./offline-draft.js"

export interface PlanOptions {
  /** A configuration to plan for; without, the engine's own as it is saved now. */
  readonly file: string | undefined
  /** A configuration to plan against, instead of a running engine. */
  readonly from: string | undefined
  readonly url: string | undefined
  readonly json: boolean
  readonly log: Log
}

/** Says what a save would do, and changes nothing. Returns 0 for nothing, 2 for changes, 1 when it would be refused. */
export async function plan(options: PlanOptions, environment: CliEnvironment): Promise<number> {
  const reading = await (options.from === undefined
    ? planOfEngine(options, environment)
    : planBetween(options.from, options, environment))
  const text = options.json ? JSON.stringify(reading, null, 2) : describe(reading, environment.cwd)
  environment.stdout.write(`${text}\n`)
  return { nothing: 0, changes: 2, refused: 1 }[reading.outcome]
}

/** The engine itself plans: it knows its environment, its command line, and what was set over HTTP. */
async function planOfEngine({ file, url }: PlanOptions, environment: CliEnvironment): Promise<PlanReading> {
  const { cwd } = environment
  const client = await findEngine(environment, { url })
  const query = file === undefined ? "" : `?file=${encodeURIComponent(resolve(cwd, file))}`
  return client.post<PlanReading>(`/api/config/plan${query}`, "outcome")
}

/** What a start with either is refused for here, such as cores of another machine, does not come with the change. */
async function planBetween(
  from: string,
  { file: to, log }: PlanOptions,
  environment: CliEnvironment,
): Promise<PlanReading> {
  const standing = await draftOffline({ config: from, args: {}, log }, environment)
  const old = { ...standing, members: standing.candidates }
  for (const problem of standing.problems) {
    log.warn(`a start with ${from} is refused here: ${formatDiagnostic(problem, environment.cwd)}`)
  }
  try {
    const next = await draftOffline({ config: to, args: {}, log }, environment, standing)
    const isNew = ({ message }: Diagnostic): boolean => !standing.problems.some((other) => other.message === message)
    return readPlan({ ...next, problems: next.problems.filter(isNew) }, old)
  } catch (error) {
    if (error instanceof ConfigError) return refusedPlan(error.diagnostics)
    throw error
  }
}

function describe({ outcome, changes, plugins, threads, order, problems }: PlanReading, cwd: string): string {
  const rows = changes.map((change) => [
    change.action,
    `${change.path} ${show(change.from)} -> ${show(change.to)}`,
    nameOf(change, cwd),
  ])
  const others = plugins.filter(
    ({ action, plugin }) =>
      action !== "keep" && !changes.some(({ path }) => path.startsWith(`${formatPath(["plugins", plugin])}.`)),
  )
  const lines = [
    ...rows,
    ...others.map(({ plugin, action, reason }) => [`${action} plugin`, plugin, reason]),
    ...(threads.action === "keep" ? [] : [[`${threads.action} threads`, "", threads.reason]]),
    ...(order === null ? [] : [["order plugins", "", order.join(", ")]]),
  ]
  const widths = [0, 1].map((column) => Math.max(0, ...lines.map((line) => line[column].length)))
  const table = lines.map((line) =>
    line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
  const verdict = {
    nothing: ["nothing would change"],
    changes: [],
    refused: ["it would be refused, and nothing would change", formatDiagnostics(problems, cwd)],
  }
  const parts = [table.join("\n"), describeReasons(changes, widths[0]), ...verdict[outcome]]
  return parts.filter((part) => part !== "").join("\n\n")
}

/** A line for each action. What is refused has its errors, which follow. */
function describeReasons(changes: readonly PathPlan[], width: number): string {
  const reasons = new Map(changes.map(({ action, reason }) => [action, reason]))
  reasons.delete("refuse")
  return [...reasons].map(([action, reason]) => `${action.padEnd(width)}  ${reason}`).join("\n")
}

function nameOf({ set_by: { source, file, line, column } }: PathPlan, cwd: string): string {
  return file === undefined ? source : formatPlace({ file, line, column }, cwd)
}
