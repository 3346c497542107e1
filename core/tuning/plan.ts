import { isSameText, showFiles } from "./file-text.js"
import type { JournalEntry } from "./journal.js"
import type { OthersEntry } from "./journals.js"
import { isKernelAtLeast } from "./machine.js"
import { explainErrno, explainUnwritable } from "./reasons.js"
import type {
  FileState,
  Machine,
  Tunable,
  TunableState,
  TunableWish,
  TuningOffer,
  TuningToggle,
  Wish,
} from "./tunable.js"
import { isRaiseOnly, KEEP, keptFields, lowers } from "./wish.js"

/** What is to become of one tunable. Nothing has been written when it is made. */
export interface TuningStep {
  readonly plugin: string
  readonly tunable: Tunable
  readonly wish: Wish | undefined
  readonly origin: string | undefined
  readonly toggle?: TuningToggle | undefined
  /** "set": the goals are to be written. "stay": the machine is as wished. "show": nothing is wished, or can be done here. */
  readonly action: "set" | "stay" | "show"
  readonly state: TunableState
  readonly found: readonly FileState[]
  readonly goals: readonly FileState[]
  /** Why it can't be done: with one, nothing of the plan is written. */
  readonly failure?: string
  /** What there is to say about it. */
  readonly note?: string
  /** Another engine, which runs, has set it to what is wished here. */
  readonly share?: OthersEntry
}

export interface TuningPlan {
  readonly steps: readonly TuningStep[]
  readonly failures: readonly TuningStep[]
}

/** What plugins want of the machine, by their names. */
export type Offers = ReadonlyMap<string, TuningOffer>

/** What was set before, by us and by others. */
export interface Standing {
  /** Our own entries of the journal. */
  readonly entries: ReadonlyMap<string, JournalEntry>
  /** Values that other engines, which run, have set. */
  readonly others: ReadonlyMap<string, OthersEntry>
  /** Values that were left to somebody else who changed them: with which wish, and what they were then. */
  readonly yielded: ReadonlyMap<string, { readonly wish: Wish; readonly found: string }>
}

const NOTHING_STANDS: Standing = { entries: new Map(), others: new Map(), yielded: new Map() }

/** Reads the machine and says for each tunable what is to be done. */
export function planTuning(offers: Offers, machine: Machine, standing: Standing = NOTHING_STANDS): TuningPlan {
  const steps = [...offers].flatMap(([plugin, offer]) => {
    return offer.wishes.map((wanted) => planWish(plugin, offer, wanted, machine, standing))
  })
  const judged = refuseTwins(steps, ({ plugin }) => offers.get(plugin)?.apply === true)
  return { steps: judged, failures: judged.filter(({ failure }) => failure !== undefined) }
}

function planWish(
  plugin: string,
  { strict = false }: TuningOffer,
  { tunable, wish, origin, toggle, optional = false }: TunableWish,
  machine: Machine,
  standing: Standing,
): TuningStep {
  const { failure, ...step } = planTunable(tunable, wish, machine, standing)
  const isMissing = strict && step.state === "unavailable" && isWished(wish)
  const isLeftOut = optional && !strict && step.state === "needs_privilege"
  const fault = isMissing ? step.note : isLeftOut ? undefined : failure
  return { ...step, ...(fault !== undefined && { failure: fault }), plugin, tunable, wish, origin, toggle }
}

export function isWished(wish: Wish | undefined): wish is Wish {
  return wish !== undefined && wish !== KEEP
}

/** Files of a tunable as the one value that they are for people. */
export function showState({ state }: Tunable, files: readonly FileState[], machine: Machine): string | number | null {
  return files.length === 0 ? null : (state?.show ?? showFiles)(files, machine)
}

type Judged = Omit<TuningStep, "plugin" | "tunable" | "wish" | "origin">

const NOTHING = { found: [], goals: [] }

function planTunable(tunable: Tunable, wish: Wish | undefined, machine: Machine, standing: Standing): Judged {
  const { state, note, kernel } = tunable
  const placebo = note?.kind === "placebo" ? note.text : undefined
  if (kernel !== undefined && !isKernelAtLeast(machine, kernel)) {
    return {
      ...NOTHING,
      action: "show",
      state: "unavailable",
      note: `needs Linux ${kernel}, this is ${machine.kernel}`,
    }
  }
  if (state === undefined) {
    const kind = placebo === undefined ? (isWished(wish) ? "wanted" : "found") : "placebo"
    return { ...NOTHING, action: "show", state: kind, ...(note && { note: note.text }) }
  }
  let found: readonly FileState[]
  try {
    found = state.read(machine)
  } catch (error) {
    return { ...NOTHING, action: "show", state: "unavailable", note: explainErrno(error, tunable, machine) }
  }
  if (tunable.undo === "none") {
    const absent = found.length === 0 ? { note: "not given when this machine was started" } : {}
    return { action: "show", state: "found", found, goals: [], ...absent }
  }
  const shown = { found, goals: [], ...(note?.kind === "placebo" && { note: note.text }) }
  if (!isWished(wish)) return { ...shown, action: "show", state: placebo === undefined ? "found" : "placebo" }
  const fault = state.check?.(wish, machine)
  if (fault !== undefined) return { ...shown, action: "show", state: "refused", failure: `${fault}, was ${wish}` }
  return planGoals(tunable, wish, found, machine, standing)
}

function planGoals(
  tunable: Tunable,
  wish: Wish,
  found: readonly FileState[],
  machine: Machine,
  { entries, others, yielded }: Standing,
): Judged {
  const { id, state } = tunable
  const other = others.get(id)
  // Measured at what it was before anybody of us touched it: what was raised once is no reason to stay raised.
  const before = asBefore(found, entries.get(id) ?? other?.entry)
  const goals = state!.goals(wish, before, machine)
  const due = goals.filter((goal) => !found.some((file) => file.path === goal.path && isSameText(goal, file.text)))
  const left = yielded.get(id)
  if (left?.wish === wish && due.length > 0) {
    return {
      action: "show",
      state: "foreign",
      found,
      goals,
      note: `somebody else has set it to ${left.found} since, and it is left so`,
    }
  }
  const remark = remarkOn(tunable, wish, before)
  const about = { found, goals, ...(remark.note !== undefined && { note: remark.note }) }
  if (due.length === 0) {
    const doubt = state!.verify?.(goals, machine)
    if (doubt !== undefined) return { ...about, action: "stay", state: "wanted", note: doubt }
    return {
      ...about,
      action: "stay",
      state: remark.state ?? "verified",
      ...(other && { share: other, note: ownedText(other) }),
    }
  }
  if (other !== undefined) {
    const failure = `${ownedText(other)}: wish for the same, or stop it`
    return { ...about, action: "show", state: "owned", failure, note: failure }
  }
  const locked = due.find(({ path }) => !machine.isWritable(path))
  if (locked === undefined) return { ...about, action: "set", state: remark.state ?? "wanted" }
  const failure = explainUnwritable(locked.path, tunable, machine)
  return { ...about, action: "show", state: "needs_privilege", failure, note: failure }
}

function asBefore(found: readonly FileState[], entry: JournalEntry | undefined): readonly FileState[] {
  if (entry === undefined) return found
  const originals = new Map(entry.files.map(({ path, original }) => [path, original]))
  return found.map((file) => ({ ...file, text: originals.get(file.path) ?? file.text }))
}

function ownedText({ entry, owner: { name, pid } }: OthersEntry): string {
  const set = entry.files.flatMap(({ ours }) => ours.at(-1) ?? [])
  return `${name} (process ${pid}), which runs, has set it to ${[...new Set(set)].join(", ")}`
}

function remarkOn(
  { note }: Tunable,
  wish: Wish,
  [first]: readonly FileState[],
): { state?: TunableState; note?: string } {
  if (note?.kind === "placebo") return { state: "placebo", note: note.text }
  if (note?.kind === "downgrade" && lowers(wish, first.text)) return { state: "downgrade", note: note.text }
  const kept = isRaiseOnly(wish) ? keptFields(wish, first.text) : []
  return kept.length === 0 ? {} : { note: `raise-only: ${kept.join(" ")} is more, and stays` }
}

/** Two wishes that would write the same file can't both come true. One that is only planned is in nobody's way. */
function refuseTwins(steps: readonly TuningStep[], isApplied: (step: TuningStep) => boolean): TuningStep[] {
  const owners = new Map<string, TuningStep>()
  return steps.map((step) => {
    if (step.action === "show") return step
    const paths = [...step.goals.map(({ path }) => path), ...(step.tunable.state?.companions ?? [])]
    const keys = paths.map((path) => `${isApplied(step)} ${path}`)
    const other = keys.map((key) => owners.get(key)).find((owner) => owner !== undefined)
    for (const key of keys) if (!owners.has(key)) owners.set(key, step)
    if (other === undefined) return step
    const failure = `${other.tunable.id} (${other.plugin}) and ${step.tunable.id} (${step.plugin}) change the same value: wish for one of them`
    return { ...step, action: "show", state: "refused", failure, note: failure }
  })
}
