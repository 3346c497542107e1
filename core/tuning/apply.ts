import { tuningFailedError } from "./errors.js"
import { canonical, isSameText, readFileState } from "./file-text.js"
import type { Journal, JournalEntry } from "./journal.js"
import type { Journals } from "./journals.js"
import { isWished, type Offers, type TuningPlan, type TuningStep } from "./plan.js"
import { explainErrno } from "./reasons.js"
import type { FileForm, FileState, Machine } from "./tunable.js"
import { type Undone, undoEntry } from "./undo.js"

/** What is to be written, and what no longer is. */
export interface TuningWork {
  /** Ids of our own entries that nobody wishes for any more. */
  readonly drops: readonly string[]
  readonly sets: readonly TuningStep[]
  /** As wished already, because another engine has set it: it is ours to put back if that one ends first. */
  readonly shares: readonly { readonly step: TuningStep; readonly entry: JournalEntry }[]
  /** Values that another engine wants as they are: dropping them leaves them. */
  readonly isWantedByOthers: (id: string) => boolean
}

export const NO_WORK: TuningWork = { drops: [], sets: [], shares: [], isWantedByOthers: () => false }

export function isEmpty({ drops, sets, shares }: TuningWork): boolean {
  return drops.length + sets.length + shares.length === 0
}

/** What a plan comes to. With `isBlocked` nothing is set: one of its values can't be. */
export function workOf({ steps }: TuningPlan, offers: Offers, journals: Journals, isBlocked = false): TuningWork {
  const wished = steps.filter(({ plugin, wish }) => offers.get(plugin)?.apply && isWished(wish))
  const ids = new Set(wished.map(({ tunable }) => tunable.id))
  const due = isBlocked ? [] : wished
  return {
    drops: [...journals.ownEntries.keys()].filter((id) => !ids.has(id)).reverse(),
    sets: due.filter(({ action }) => action === "set"),
    shares: due.flatMap((step) => (step.share === undefined ? [] : { step, entry: step.share.entry })),
    isWantedByOthers: (id) => journals.living().has(id),
  }
}

/** What was done, and can be taken back as long as nothing else was done. */
export interface Applied {
  readonly undone: readonly Undone[]
  revert(): void
}

/** All of it or nothing: the first value that the kernel does not take puts back what was written before it. */
export function applyTuning(work: TuningWork, journal: Journal, machine: Machine): Applied {
  const reverts: (() => void)[] = []
  const undone: Undone[] = []
  const revert = (): void => {
    for (const undo of reverts.splice(0).reverse()) undo()
  }
  try {
    for (const id of work.drops) undone.push(drop(id, work, journal, machine, reverts))
    for (const { step, entry } of work.shares) share(step, entry, journal, reverts)
    for (const step of work.sets) reverts.push(set(step, journal, machine))
  } catch (error) {
    revert()
    throw error
  }
  return { undone, revert }
}

/** Returns what takes it back. Throws when the kernel does not take the value; it is as it was then. */
function set({ tunable, goals }: TuningStep, journal: Journal, machine: Machine): () => void {
  const { id, scope, state } = tunable
  const current = (goal: FileState): FileState => readFileState(machine, goal.path, goal.form)
  const due = goals.filter((goal) => !isSameText(goal, current(goal).text))
  const companions = (state?.companions ?? []).flatMap((path) => readIfThere(machine, path, "plain"))
  const before = [...due.map(current), ...companions]
  const wished = new Map(due.map((goal) => [goal.path, goal.text]))
  const isNew = !journal.entries.has(id)
  const undo = (): void => {
    const isBack = writeBack(before, machine)
    if (isNew && isBack) journal.close(id)
    else settle(journal, id, before, machine)
  }
  journal.intend({ id, scope, files: before.map((file) => intended(file, wished.get(file.path))) })
  try {
    for (const { path, text } of due) machine.write(path, text)
    const odd = due.find((goal) => !isSameText(goal, current(goal).text))
    if (odd !== undefined) throw new Error(`${odd.path} became ${current(odd).text} instead of ${odd.text}`)
  } catch (error) {
    undo()
    throw tuningFailedError(id, explainErrno(error, tunable, machine))
  }
  settle(journal, id, before, machine)
  return undo
}

function share({ tunable }: TuningStep, entry: JournalEntry, journal: Journal, reverts: (() => void)[]): void {
  const { id } = tunable
  if (journal.entries.has(id)) return
  journal.intend(entry)
  reverts.push(() => journal.close(id))
}

function drop(id: string, work: TuningWork, journal: Journal, machine: Machine, reverts: (() => void)[]): Undone {
  const entry = journal.entries.get(id)!
  const before = entry.files.flatMap(({ path, form }) => readIfThere(machine, path, form))
  const result = work.isWantedByOthers(id) ? undefined : undoEntry(entry, machine)
  if (result?.outcome === "failed") return result
  journal.close(id)
  reverts.push(() => {
    journal.intend(entry)
    writeBack(before, machine)
    settle(journal, id, before, machine)
  })
  return result ?? { id, outcome: "clean", found: "", original: "" }
}

function intended({ path, form, text }: FileState, wished: string | undefined): JournalEntry["files"][number] {
  return { path, form, original: text, ours: wished === undefined ? [] : [canonical(form, wished)] }
}

function settle(journal: Journal, id: string, files: readonly FileState[], machine: Machine): void {
  journal.settle(id, new Map(files.map(({ path, form }) => [path, readFileState(machine, path, form).text])))
}

/** Whether they are back. One of a group may not be writable on its own, and is moved by the others. */
function writeBack(files: readonly FileState[], machine: Machine): boolean {
  for (const { path, text } of files) {
    try {
      machine.write(path, text)
    } catch {
      // What counts is how they stand in the end; what is not back stays in the journal.
    }
  }
  return files.every((file) => readIfThere(machine, file.path, file.form)[0]?.text === file.text)
}

function readIfThere(machine: Machine, path: string, form: FileForm): FileState[] {
  try {
    return [readFileState(machine, path, form)]
  } catch {
    return []
  }
}
