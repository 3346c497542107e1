import { planTuning, showState, type TuningPlan, type TuningStep } from "./plan.js"
import type { HeldReading, Machine, TunableReading, TuningOffer } from "./tunable.js"

/** Asks a plugin how a tunable that it holds itself stands. */
export type HeldReader = () => HeldReading | Promise<HeldReading>

/** The tunables of all plugins on one machine: what is wished, what is found, and who says so. */
export class Tuning {
  #offers: ReadonlyMap<string, TuningOffer> = new Map()
  readonly #readers = new Map<string, HeldReader>()

  constructor(private readonly machine: Machine) {}

  plan(offers: ReadonlyMap<string, TuningOffer>): TuningPlan {
    return planTuning(offers, this.machine)
  }

  /** The offers of the generation that is in force now. */
  commit(offers: ReadonlyMap<string, TuningOffer>): void {
    this.#offers = offers
  }

  /** `read` answers for a tunable of a plugin from now on, until what is returned is called. */
  report(plugin: string, id: string, read: HeldReader): () => void {
    const key = keyOf(plugin, id)
    this.#readers.set(key, read)
    return () => {
      if (this.#readers.get(key) === read) this.#readers.delete(key)
    }
  }

  /** How every tunable stands now. */
  readings(): Promise<TunableReading[]> {
    return Promise.all(this.plan(this.#offers).steps.map((step) => this.#read(step)))
  }

  async #read(step: TuningStep): Promise<TunableReading> {
    const read = this.#readers.get(keyOf(step.plugin, step.tunable.id))
    const held = read === undefined ? undefined : await answerOf(read)
    return readingOf(step, this.machine, held)
  }
}

/** A step as it is told. */
export function readingOf(step: TuningStep, machine: Machine, held?: HeldReading): TunableReading {
  const { tunable, plugin, wish, origin, action, found, state, note } = step
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
    original: null,
    origin: origin ?? null,
    note: held?.note ?? note ?? null,
    presets: presets ?? {},
    ...(held?.parts && { parts: held.parts }),
  }
}

/** A plugin that does not answer, or fails, is no reason to tell nothing of the others. */
async function answerOf(read: HeldReader): Promise<HeldReading> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`its thread has not answered in ${ANSWER_WITHIN_MS} ms`)),
      ANSWER_WITHIN_MS,
    )
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

const keyOf = (plugin: string, id: string): string => `${plugin}\n${id}`
