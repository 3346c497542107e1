import type { Origin } from "../config/effective.js"
import { show } from "../config/errors.js"
import { isSwitch } from "../config/layers.js"
import { parsePath } from "../config/path.js"
import { formatPlace } from "../config/place.js"
import { chooseAttempt } from "../history/choose.js"
import { type AttemptDifference, compareAttempts, type OptionDifference } from "../history/compare.js"
import { readAttempt, type WholeAttempt } from "../history/read.js"
import type { CliEnvironment } from "./environment.js"
import { formatTime, openHistory } from "./history.js"

export interface DiffOptions {
  readonly before: string
  readonly after: string
  readonly json: boolean
  readonly config: string | undefined
}

/** Prints what two attempts differ in, path by path, and who set it. */
export async function diff({ before, after, json, config }: DiffOptions, environment: CliEnvironment): Promise<number> {
  const history = await openHistory(config, environment)
  const [from, to] = [
    await readAttempt(history, await chooseAttempt(history, before)),
    await readAttempt(history, await chooseAttempt(history, after)),
  ]
  const difference = compareAttempts(from, to)
  const text = json
    ? JSON.stringify({ from: from.number, to: to.number, ...difference }, null, 2)
    : describeDifference(from, to, difference, history.root)
  environment.stdout.write(`${text}\n`)
  return 0
}

function describeDifference(from: WholeAttempt, to: WholeAttempt, difference: AttemptDifference, root: string): string {
  const { options, code, order, versions } = difference
  const lines = [`${nameOf(from)} -> ${nameOf(to)}`, ""]
  for (const option of options) lines.push(...describeOption(option, root))
  for (const { plugin, from: old, to: now } of code)
    lines.push(`code of ${plugin} ${old ?? "none"} -> ${now ?? "none"}`)
  if (order.length > 0) lines.push(`order of ${order.join(", ")}`)
  if (versions[0] !== versions[1]) lines.push(`VeloZ ${versions[0]} -> ${versions[1]}`)
  if (lines.length === 2) lines.push("nothing differs")
  return lines.join("\n")
}

function nameOf({ number, time, author, outcome }: WholeAttempt): string {
  const what = outcome === "committed" ? "generation" : `${outcome} attempt`
  return `${what} ${number} (${formatTime(time)}, ${author})`
}

function describeOption({ path, from, to, from_origin, to_origin }: OptionDifference, root: string): string[] {
  const unset = isSwitch(parsePath(path) ?? []) ? "off" : "nothing"
  const value = (given: unknown): string =>
    given === undefined || (given === false && unset === "off") ? unset : show(given)
  const head = `${path} ${value(from)} -> ${value(to)}`
  const [before, after] = [describeOrigin(from_origin, root), describeOrigin(to_origin, root)]
  return before === after ? [head] : [head, `  ${before} -> ${after}`]
}

function describeOrigin(origin: Origin | undefined, root: string): string {
  if (origin === undefined) return "nobody"
  const { source, file, line, column, setAt } = origin
  if (file !== undefined) return formatPlace({ file, line, column }, root)
  return setAt === undefined ? source : `${source} at ${formatTime(setAt)}`
}
