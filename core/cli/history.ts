import path from "node:path"
import { formatDiagnostic } from "../config/diagnostic.js"
import { configurationRoot } from "../config/find.js"
import type { Attempt } from "../history/attempt.js"
import { chooseAttempt } from "../history/choose.js"
import { describeChange } from "../history/describe.js"
import { historyEmptyError, historyForeignError } from "../history/errors.js"
import { HistoryFolder } from "../history/folder.js"
import { listAttempts, readAttempt } from "../history/read.js"
import { textColumns } from "./columns.js"
import type { CliEnvironment } from "./environment.js"

export interface HistoryOptions {
  readonly limit: number
  readonly json: boolean
  readonly config: string | undefined
}

/** Prints the newest attempts of a project, from its disk: there may be an engine that runs, or none. */
export async function printHistory(
  { limit, json, config }: HistoryOptions,
  environment: CliEnvironment,
): Promise<number> {
  const { stdout, stderr } = environment
  const { attempts, damaged } = await listAttempts(await openHistory(config, environment), limit)
  for (const sentence of damaged) stderr.write(`veloz: ${sentence}\n`)
  if (json) stdout.write(`${JSON.stringify({ attempts }, null, 2)}\n`)
  else stdout.write(`${textColumns([HEAD, ...attempts.map(row)]).join("\n")}\n`)
  return 0
}

export interface AttemptOptions {
  readonly attempt: string
  readonly json: boolean
  readonly config: string | undefined
}

export async function printAttempt(
  { attempt: word, json, config }: AttemptOptions,
  environment: CliEnvironment,
): Promise<number> {
  const history = await openHistory(config, environment)
  const attempt = await readAttempt(history, await chooseAttempt(history, word))
  environment.stdout.write(json ? `${JSON.stringify(attempt, null, 2)}\n` : describeAttempt(attempt))
  return 0
}

/** The history of the project that a command runs in. */
export async function openHistory(file: string | undefined, { cwd }: CliEnvironment): Promise<HistoryFolder> {
  const history = new HistoryFolder(await configurationRoot(cwd, file))
  const folder = path.relative(cwd, history.path)
  const numbers = await history.numbers().catch(({ message }: Error) => {
    throw historyForeignError(folder, message)
  })
  if (numbers.length === 0) throw historyEmptyError(folder)
  return history
}

const HEAD = ["number", "time", "by", "outcome", "ms", "summary"]

function row({ number, time, author, outcome, duration_ms, summary }: Attempt): string[] {
  const ms = duration_ms === null ? "-" : String(Math.round(duration_ms))
  return [`${number}`, formatTime(time), author, outcome, ms, summary.split("\n")[0]]
}

function describeAttempt(attempt: Attempt): string {
  const { number, time, author, outcome, duration_ms, summary, changes, diagnostics, generation, engine } = attempt
  const lines = [
    `attempt ${number} of ${formatTime(time)}, by ${author}: ${outcome}${duration_ms === null ? "" : ` in ${Math.round(duration_ms)} ms`}`,
    `in force afterwards: ${generation === 0 ? "nothing" : `generation ${generation}`} (VeloZ ${engine.version}, process ${engine.pid})`,
  ]
  if (changes.length > 0) lines.push("", ...changes.map(describeChange))
  else if (diagnostics.length === 0 && summary !== "") lines.push("", summary)
  for (const diagnostic of diagnostics) lines.push("", formatDiagnostic(diagnostic))
  return `${lines.join("\n")}\n`
}

/** In UTC, as the log of another machine would have it. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z")
}
