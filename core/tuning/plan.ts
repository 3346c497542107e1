import { isSameText, showFiles } from "./file-text.js"
import { isKernelAtLeast } from "./machine.js"
import { explainErrno, explainUnwritable } from "./reasons.js"
import type { FileState, Machine, Tunable, TunableState, TuningOffer, Wish } from "./tunable.js"
import { isRaiseOnly, KEEP, keptFields, lowers } from "./wish.js"

/** What is to become of one tunable. Nothing has been written when it is made. */
export interface TuningStep {
  readonly plugin: string
  readonly tunable: Tunable
  readonly wish: Wish | undefined
  readonly origin: string | undefined
  /** "set": the goals are to be written. "stay": the machine is as wished. "show": nothing is wished, or can be done here. */
  readonly action: "set" | "stay" | "show"
  readonly state: TunableState
  readonly found: readonly FileState[]
  readonly goals: readonly FileState[]
  /** Why it can't be done: with one, nothing of the plan is written. */
  readonly failure?: string
  /** The failure of the machine rather than of the wish. */
  readonly note?: string
}

export interface TuningPlan {
  readonly steps: readonly TuningStep[]
  readonly failures: readonly TuningStep[]
}

/** Reads the machine and says for each tunable what is to be done. */
export function planTuning(offers: ReadonlyMap<string, TuningOffer>, machine: Machine): TuningPlan {
  const steps = [...offers].flatMap(([plugin, offer]) => {
    return offer.wishes.map(({ tunable, wish, origin }): TuningStep => {
      const step = planTunable(tunable, wish, machine)
      const isMissing = offer.strict === true && step.state === "unavailable" && isWished(wish)
      return { ...step, ...(isMissing && { failure: step.note }), plugin, tunable, wish, origin }
    })
  })
  const judged = refuseTwins(steps)
  return { steps: judged, failures: judged.filter(({ failure }) => failure !== undefined) }
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

function planTunable(tunable: Tunable, wish: Wish | undefined, machine: Machine): Judged {
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
  if (fault !== undefined) return { ...shown, action: "show", state: "refused", failure: `${wish} cannot be: ${fault}` }
  return planGoals(tunable, wish, found, machine)
}

function planGoals(tunable: Tunable, wish: Wish, found: readonly FileState[], machine: Machine): Judged {
  const goals = tunable.state!.goals(wish, found, machine)
  const due = goals.filter((goal) => !found.some((file) => file.path === goal.path && isSameText(goal, file.text)))
  const remark = remarkOn(tunable, wish, found)
  const state = remark.state ?? (due.length === 0 ? "verified" : "wanted")
  const note = remark.note === undefined ? {} : { note: remark.note }
  if (due.length === 0) {
    const doubt = tunable.state!.verify?.(goals, machine)
    if (doubt !== undefined) return { action: "stay", state: "wanted", found, goals, note: doubt }
    return { action: "stay", state, found, goals, ...note }
  }
  const locked = due.find(({ path }) => !machine.isWritable(path))
  if (locked === undefined) return { action: "set", state, found, goals, ...note }
  const failure = explainUnwritable(locked.path, tunable, machine)
  return { action: "show", state: "needs_privilege", found, goals, failure, note: failure }
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

/** Two wishes that would write the same file can't both come true. */
function refuseTwins(steps: readonly TuningStep[]): TuningStep[] {
  const owners = new Map<string, TuningStep>()
  return steps.map((step) => {
    if (step.action === "show") return step
    const paths = [...step.goals.map(({ path }) => path), ...(step.tunable.state?.companions ?? [])]
    const other = paths.map((path) => owners.get(path)).find((owner) => owner !== undefined)
    for (const path of paths) if (!owners.has(path)) owners.set(path, step)
    if (other === undefined) return step
    const failure = `${other.tunable.id} (${other.plugin}) and ${step.tunable.id} (${step.plugin}) change the same value: wish for one of them`
    return { ...step, action: "show", state: "refused", failure, note: failure }
  })
}
