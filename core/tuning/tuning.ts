import type { Counter, Log } from "../kernel/contract.js"
import { applyTuning, isEmpty, NO_WORK, type TuningWork, workOf } from "./apply.js"
import { type Drift, findDrift } from "./drift.js"
import { tuningDriftError, tuningRefusedError } from "./errors.js"
import type { Journals, OthersEntry } from "./journals.js"
import { isWished, type Offers, planTuning, type TuningPlan, type TuningStep } from "./plan.js"
import { answerOf, type HeldReader, readingOf } from "./readings.js"
import { describeUndone } from "./tell.js"
import type { Machine, TunableReading, TuningOffer, Wish } from "./tunable.js"
import { type Undone, undoEntry } from "./undo.js"

export interface TuningServices {
  readonly machine: Machine
  readonly journals: Journals
  readonly log: Log
  /** Tells of what happened, under the topic "tuning". */
  readonly publish: (type: string, data: object) => void
  readonly counter: (name: string) => Counter
  /** The engine cannot go on. */
  readonly fail: (error: Error) => void
}

/** What is to be written for a generation. */
export interface PreparedTuning {
  readonly offers: Offers
  readonly work: TuningWork
  /** Values that can't be set: with one, none is. */
  readonly failures: readonly TuningStep[]
  /** Optional ones that can't be set. */
  readonly leftOut: readonly TuningStep[]
}

/** Written, for a generation that is not in force yet. */
export interface AppliedTuning extends PreparedTuning {
  readonly undone: readonly Undone[]
  revert(): void
}

/**
 * The values of the machine that the plugins of an engine want: planned, and refused, before anything is written; written
 * before the generation is in force; watched while it is; and put back when nobody wants them any more.
 */
export class Tuning {
  readonly #readers = new Map<string, HeldReader>()
  /** Values that somebody else has changed, and that are left to them: with which wish, and what they are. */
  readonly #yielded = new Map<string, { wish: Wish; found: string }>()
  /** Of the generation in force. Undefined before the first. */
  #current: Pick<PreparedTuning, "offers" | "failures"> | undefined
  #watch: NodeJS.Timeout | undefined

  constructor(private readonly services: TuningServices) {}

  /** Puts back what killed engines have left. */
  recover(): void {
    const { journals, log, publish } = this.services
    try {
      if (!journals.exist()) return
      const { undone, elsewhere } = journals.exclusively(() => journals.recover())
      for (const result of undone) {
        const { owner, id, outcome } = result
        log[outcome === "failed" ? "error" : "info"](`left by process ${owner.pid}: ${describeUndone(result)}`)
        publish("tuning_recovered", { id, outcome, pid: owner.pid })
      }
      for (const { entry, owner } of elsewhere) {
        log.warn(
          `${entry.id} was left by process ${owner.pid} in another network namespace: veloz tune rollback there puts it back`,
        )
      }
    } catch (error) {
      log.warn(`what a killed engine may have left is left: ${(error as Error).message}`)
    }
  }

  /**
   * What is to be written for these offers. Throws when something of it can't be and that is new. A start goes on without:
   * nothing privileged is needed to trade, unless the user is strict about it.
   */
  prepare(offers: Offers): PreparedTuning {
    if (this.#isCurrent(offers)) return { ...this.#current!, leftOut: [], work: NO_WORK }
    this.check()
    const { plan, failures } = this.judge(offers)
    const leftOut = plan.steps.filter((step) => {
      return step.state === "needs_privilege" && step.failure === undefined && offers.get(step.plugin)?.apply
    })
    return { offers, failures, leftOut, work: workOf(plan, offers, this.services.journals, failures.length > 0) }
  }

  /** What would be written for these offers. Throws as `prepare` does, and only reads. */
  judge(offers: Offers): { plan: TuningPlan; failures: readonly TuningStep[] } {
    if (this.#isCurrent(offers)) return { plan: { steps: [], failures: [] }, failures: this.#current!.failures }
    const plan = this.#plan(offers, true)
    const failures = plan.failures.filter(({ plugin }) => offers.get(plugin)?.apply)
    const refused = failures.filter((step) => this.#isNew(step) || offers.get(step.plugin)?.strict)
    if (refused.length > 0) throw tuningRefusedError(refused)
    return { plan, failures }
  }

  /** Writes, all or nothing. What the kernel does not take refuses a change, and a start of who is strict. */
  apply(prepared: PreparedTuning): AppliedTuning {
    const { work, offers } = prepared
    if (isEmpty(work)) return { ...prepared, undone: [], revert: () => undefined }
    const { journals, machine, log } = this.services
    try {
      const { undone, revert } = journals.exclusively(() => applyTuning(work, journals.own, machine))
      return { ...prepared, undone, revert: () => journals.exclusively(revert) }
    } catch (error) {
      const isStrict = [...offers.values()].some(({ strict, apply }) => strict && apply)
      if (this.#current !== undefined || isStrict) throw error
      log.error((error as Error).message)
      return { ...prepared, work: NO_WORK, undone: [], revert: () => undefined }
    }
  }

  /** The generation of these offers is in force. */
  commit({ offers, work, failures, leftOut, undone }: AppliedTuning): void {
    const { log, publish } = this.services
    const isTold = this.#current?.failures === failures
    this.#current = { offers, failures }
    for (const { tunable, failure } of isTold ? [] : failures) {
      log.error(`no value of the kernel is set: ${tunable.id}: ${failure}`)
    }
    for (const { tunable, note } of leftOut) log.warn(`${tunable.id} is left out: ${note}`)
    for (const { tunable, wish } of work.sets) log.info(`${tunable.id} is set: ${wish}`)
    for (const result of undone) this.#tell(result)
    for (const [id, { wish }] of this.#yielded) if (this.#wishOf(id)?.wish !== wish) this.#yielded.delete(id)
    if (!isEmpty(work)) {
      publish("tuning_applied", { set: work.sets.map(({ tunable }) => tunable.id), put_back: work.drops })
    }
    this.#countForeign()
    this.#watchDrift()
  }

  /** `read` answers for a tunable of a plugin from now on, until what is returned is called. */
  report(plugin: string, id: string, read: HeldReader): () => void {
    const key = `${plugin}\n${id}`
    this.#readers.set(key, read)
    return () => {
      if (this.#readers.get(key) === read) this.#readers.delete(key)
    }
  }

  /** How every tunable stands now. */
  readings(): Promise<TunableReading[]> {
    this.check()
    const { machine, journals } = this.services
    return Promise.all(
      this.#plan(this.#current?.offers ?? new Map()).steps.map(async (step) => {
        const { plugin, tunable } = step
        const read = this.#readers.get(`${plugin}\n${tunable.id}`)
        const held = read === undefined ? undefined : await answerOf(read)
        const isOurs = isWished(step.wish) || this.#wishOf(tunable.id) === undefined
        return readingOf(step, machine, isOurs ? journals.ownEntries.get(tunable.id) : undefined, held)
      }),
    )
  }

  /** Looks whether somebody else has changed what we set, and does what its user wants then. */
  check(): void {
    const { machine, journals } = this.services
    const drifts = findDrift(journals.ownEntries, machine)
    if (drifts.length === 0) return
    journals.exclusively(() => {
      for (const drift of drifts) this.#onDrift(drift)
    })
    this.#countForeign()
  }

  /** Puts everything back. What the kernel does not let us put back stays in the journal, for who may. */
  close(): void {
    clearInterval(this.#watch)
    this.#watch = undefined
    const { journals, log } = this.services
    try {
      if (journals.ownEntries.size > 0) journals.exclusively(() => this.#putBack())
    } catch (error) {
      log.error(`not everything may be put back, veloz tune rollback does it: ${(error as Error).message}`)
    }
    journals.dispose()
    this.#current = undefined
  }

  #putBack(): void {
    const { machine, journals } = this.services
    const others = journals.living()
    const ends: string[] = []
    for (const [id, entry] of [...journals.ownEntries].reverse()) {
      const result = others.has(id) ? undefined : undoEntry(entry, machine)
      if (result !== undefined) this.#tell(result)
      if (result?.outcome !== "failed") ends.push(id)
    }
    // Afterwards: a disk that is full keeps no value from being put back.
    for (const id of ends) journals.own.close(id)
  }

  #plan(offers: Offers, withOthers = false): TuningPlan {
    const { machine, journals } = this.services
    const isApplied = [...offers.values()].some(({ apply }) => apply)
    const others: ReadonlyMap<string, OthersEntry> =
      withOthers && isApplied && journals.exist() ? journals.exclusively(() => journals.living()) : new Map()
    return planTuning(offers, machine, { entries: journals.ownEntries, others, yielded: this.#yielded })
  }

  /** The generation in force wants the same. */
  #isCurrent(offers: Offers): boolean {
    return this.#current !== undefined && textOf(offers) === textOf(this.#current.offers)
  }

  /** Whether it was not a failure already when the generation in force was prepared. */
  #isNew({ plugin, tunable, wish }: TuningStep): boolean {
    const { failures } = this.#current ?? {}
    return (
      failures !== undefined &&
      !failures.some((old) => {
        return old.plugin === plugin && old.tunable.id === tunable.id && old.wish === wish
      })
    )
  }

  /** Who wants a value written, and what. */
  #wishOf(id: string): { wish: Wish; offer: TuningOffer } | undefined {
    for (const offer of this.#current?.offers.values() ?? []) {
      if (!offer.apply) continue
      const found = offer.wishes.find(({ tunable, wish }) => tunable.id === id && isWished(wish))
      if (found !== undefined) return { wish: found.wish!, offer }
    }
    return undefined
  }

  #onDrift({ id, found, ours, entry }: Drift): void {
    const { journals, log, publish, counter, fail } = this.services
    const wanted = this.#wishOf(id)
    const policy = wanted?.offer.drift ?? "yield"
    journals.own.replace(entry)
    if (wanted !== undefined) this.#yielded.set(id, { wish: wanted.wish, found })
    counter("tuning_drifts").increment()
    publish("tuning_drift", { id, found, wanted: ours, policy })
    log.warn(`somebody else has set ${id} to ${found}; it was ${ours} (drift: ${policy})`)
    if (policy === "fail") fail(tuningDriftError(id, ours, found))
    if (policy === "reassert") this.#reassert(id)
  }

  #tell(result: Undone): void {
    this.services.log[LOG_LEVELS[result.outcome]](describeUndone(result))
  }

  #reassert(id: string): void {
    const { journals, machine, log } = this.services
    this.#yielded.delete(id)
    const step = this.#plan(this.#current!.offers).steps.find(
      ({ tunable, action }) => tunable.id === id && action === "set",
    )
    if (step === undefined) return
    try {
      applyTuning({ ...NO_WORK, sets: [step] }, journals.own, machine)
    } catch (error) {
      log.error((error as Error).message)
    }
  }

  #countForeign(): void {
    this.services.counter("tuning_foreign").set(this.#yielded.size)
  }

  #watchDrift(): void {
    clearInterval(this.#watch)
    const periods = [...(this.#current?.offers.values() ?? [])].flatMap(({ apply, recheckSeconds }) => {
      return apply && recheckSeconds !== undefined && recheckSeconds > 0 ? recheckSeconds : []
    })
    if (periods.length === 0) return
    const tick = (): void => {
      try {
        this.check()
      } catch (error) {
        this.services.log.error((error as Error).message)
      }
    }
    this.#watch = setInterval(tick, Math.min(...periods) * 1000).unref()
  }
}

const LOG_LEVELS = { clean: "debug", restored: "info", foreign: "warn", failed: "error" } as const

/** Two offers of one text want the same. */
function textOf(offers: Offers): string {
  const plain = [...offers].map(([plugin, { wishes, ...offer }]) => {
    return [plugin, offer, wishes.map(({ tunable, wish, origin }) => [tunable.id, wish, origin])]
  })
  return JSON.stringify(plain)
}
