import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { Counters } from "../../core/hot/counters.js"
import { counterOf } from "../../core/kernel/counter.js"
import { Journals } from "../../core/tuning/journals.js"
import type { Offers } from "../../core/tuning/plan.js"
import type { Machine } from "../../core/tuning/tunable.js"
import { type AppliedTuning, Tuning } from "../../core/tuning/tuning.js"

/** The tuning of an engine without an engine: what it logs, tells and counts is kept. */
export class TuningRig {
  readonly logged: string[] = []
  readonly events: { type: string; data: object }[] = []
  readonly failures: Error[] = []
  readonly journals: Journals
  readonly tuning: Tuning
  readonly #counters = new Counters(new Float64Array(16))

  constructor(
    readonly machine: Machine,
    readonly folder: string,
  ) {
    this.journals = new Journals(folder, machine)
    const log = (message: string): void => void this.logged.push(message)
    this.tuning = new Tuning({
      machine,
      journals: this.journals,
      log: { debug: log, info: log, warn: log, error: log },
      publish: (type, data) => void this.events.push({ type, data }),
      counter: (name) => counterOf(this.#counters, name),
      fail: (error) => void this.failures.push(error),
    })
  }

  /** As an engine takes a generation over. */
  change(offers: Offers): AppliedTuning {
    const applied = this.tuning.apply(this.tuning.prepare(offers))
    this.tuning.commit(applied)
    return applied
  }

  counter(name: string): number {
    return this.#counters.toObject()[name]
  }
}

/** A folder that is gone when the test is over. */
export function withFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(os.tmpdir(), "veloz-tuning-"))
  const tidy = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    const result = work(folder)
    if (result instanceof Promise) return result.finally(tidy) as T
    tidy()
    return result
  } catch (error) {
    tidy()
    throw error
  }
}
