import type { JournalEntry } from "../../tuning/journal.js"
import { isWished, showState, type TuningStep } from "../../tuning/plan.js"
import type { Machine, Tunable, TunableScope, TunableUndo } from "../../tuning/tunable.js"
import { originalOf } from "../../tuning/undo.js"
import { isRaiseOnly, keptFields } from "../../tuning/wish.js"

/** A line of a plan: `~ net.ipv4.tcp_rmem keep 33554432 (raise-only)  scope=netns undo=journal needs=CAP_NET_ADMIN ok`. */
export function planLines(steps: readonly TuningStep[], machine: Machine): string[] {
  const lines = steps.map((step) => `${markOf(step)} ${step.tunable.id} ${changeOf(step, machine)}`)
  const width = Math.max(0, ...lines.map(({ length }) => length).filter((length) => length <= WIDEST))
  return lines.map((line, i) => `${line.padEnd(width)}  ${factsOf(steps[i].tunable, machine)}`)
}

/** A reason may be long: it does not push the facts of all others away. */
const WIDEST = 64

/** A value that nobody wishes for any more. */
export function dropLine(entry: JournalEntry): string {
  return `- ${entry.id} back to ${originalOf(entry)} (no longer wished for)`
}

/** + set, = as wished, ~ left as it is although another value was named, * foreign, ? not there, ! cannot be, . not ours. */
function markOf({ action, state, failure, wish, found, tunable }: TuningStep): string {
  if (failure !== undefined) return "!"
  if (!isWished(wish)) return " "
  if (tunable.state === undefined || tunable.undo === "none") return "."
  if (state === "unavailable" || state === "needs_privilege") return "?"
  if (state === "foreign") return "*"
  if (action === "set") return "+"
  return kept(wish, found).length > 0 ? "~" : "="
}

function changeOf(step: TuningStep, machine: Machine): string {
  const { tunable, wish, found, goals, state, failure, note, action } = step
  const standing = showState(tunable, found, machine)
  if (failure !== undefined) return `${standing ?? "-"} -> ${wish}: ${failure}`
  if (!isWished(wish)) return `${standing ?? "-"}${note === undefined ? "" : ` (${labelled(state, note)})`}`
  if (tunable.state === undefined) return `${wish} (the engine sets it while it runs)`
  if (state === "needs_privilege") return `${standing ?? "-"} (left out: ${note})`
  if (state === "unavailable" || state === "foreign") return `${standing ?? "-"} (${state}: ${note})`
  if (action === "set") return `${standing} -> ${showState(tunable, goals, machine)}${remark(step)}`
  const fields = kept(wish, found)
  return fields.length > 0 ? `keep ${fields.join(" ")} (raise-only)` : `${standing}${remark(step)}`
}

const remark = ({ state, note }: TuningStep): string =>
  note === undefined || isRaise(note) ? "" : ` (${labelled(state, note)})`
const isRaise = (note: string): boolean => note.startsWith("raise-only: ")
const labelled = (state: string, note: string): string => (LABELLED.has(state) ? `${state}: ${note}` : note)
const LABELLED: ReadonlySet<string> = new Set(["placebo", "downgrade", "unavailable", "foreign"])

const kept = (wish: TuningStep["wish"], [first]: TuningStep["found"]): string[] =>
  wish !== undefined && first !== undefined && isRaiseOnly(wish) ? keptFields(wish, first.text) : []

function factsOf({ scope, undo, needs }: Tunable, machine: Machine): string {
  const privilege = needs === undefined ? "" : ` needs=${needs} ${machine.has(needs) ? "ok" : "missing"}`
  return `scope=${SCOPES[scope]} undo=${UNDO[undo]}${privilege}`
}

const SCOPES: Readonly<Record<TunableScope, string>> = {
  socket: "socket",
  thread: "thread",
  process: "process",
  "network namespace": "netns",
  host: "host",
  boot: "boot",
}

const UNDO: Readonly<Record<TunableUndo, string>> = {
  journal: "journal",
  "with the process": "process",
  "with the thread": "thread",
  "at close": "close",
  none: "none",
}
