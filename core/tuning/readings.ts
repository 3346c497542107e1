import type { JournalEntry } from "./journal.js"
import { showState, type TuningStep } from "./plan.js"
import type { HeldReading, Machine, TunableReading } from "./tunable.js"

/** Asks a plugin how a tunable that it holds itself stands. */
export type HeldReader = () => HeldReading | Promise<HeldReading>

/** How a tunable stands, from its plan, its undo journal, and what the plugin says that holds it. */
export function readingOf(
  step: TuningStep,
  machine: Machine,
  entry: JournalEntry | undefined,
  held?: HeldReading,
): TunableReading {
  const { tunable, plugin, wish, origin, toggle, action, found, state, note } = step
  const { id, scope, undo, needs, unit, meaning, presets } = tunable
  const isInForce = tunable.state !== undefined && wish !== undefined ? action === "stay" : null
  return {
    id,
    plugin,
    scope,
    undo,
    needs: needs ?? null,
    unit: unit ?? null,
    meaning,
    state: held?.state ?? (held?.verified === true && state === "wanted" ? "verified" : state),
    wanted: wish ?? null,
    found: held === undefined ? showState(tunable, found, machine) : held.found,
    verified: held === undefined ? isInForce : held.verified,
    original: entry === undefined ? null : originalOf(step, entry, machine),
    origin: origin ?? null,
    toggle: toggle ?? null,
    note: held?.note ?? note ?? null,
    presets: presets ?? {},
    ...(held?.parts && { parts: held.parts }),
  }
}

/** A plugin that does not answer, or fails, is no reason to tell nothing of the others. */
export async function answerOf(read: HeldReader): Promise<HeldReading> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`its thread has not answered within ${ANSWER_WITHIN_MS} ms`)
    timer = setTimeout(() => reject(error), ANSWER_WITHIN_MS)
  })
  try {
    return await Promise.race([read(), late])
  } catch (error) {
    return { found: null, verified: null, note: error instanceof Error ? error.message : String(error) }
  } finally {
    clearTimeout(timer)
  }
}

const ANSWER_WITHIN_MS = 1500

function originalOf({ tunable, found }: TuningStep, { files }: JournalEntry, machine: Machine): string | number | null {
  const originals = new Map(files.map(({ path, original }) => [path, original]))
  const before = found.map((file) => ({ ...file, text: originals.get(file.path) ?? file.text }))
  return showState(tunable, before, machine)
}
