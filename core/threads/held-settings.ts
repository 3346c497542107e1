import { dmaLatency } from "../os/dma-latency.js"
import { hugePages } from "../os/huge-pages.js"
import type { Refusal, Setting } from "../os/setting.js"
import { type IoClass, ioClass, nice, oomScore } from "../os/settings.js"

/** Settings by name, with the values that they take. Those of threads are of the threads that run hot roles. */
export interface SettingValues {
  readonly nice: number
  readonly io_class: IoClass
  readonly timer_slack_ns: number
  readonly oom_score_adj: number
  readonly huge_pages: "allowed" | "never"
  readonly dma_latency_us: number
}

export type SettingName = keyof SettingValues

type Value = SettingValues[SettingName]

/** How a setting stands on one of the threads that it is for, or, under the number 0, on the process. */
export interface SettingReading<V = Value> {
  readonly tid: number
  readonly value: V | undefined
  /** Why it is not what was asked for. */
  readonly refusal: Refusal | undefined
}

/** A wish, of which undefined is none. */
export interface Hold<V = Value> {
  read(): readonly SettingReading<V>[]
  change(value: V | undefined): void
  /** Returns why it is not as it was found. */
  undo(): readonly Refusal[]
}

interface Target<V> {
  readonly found: V | undefined
  refusal: Refusal | undefined
}

/** How hot threads are reached: some things a thread has to do itself. */
export interface HotThreadsReach {
  tids(): readonly number[]
  readonly timerSlack: Setting<number>
}

/** Settings that plugins hold. */
export class HeldSettings {
  readonly #settings: { readonly [N in SettingName]: HeldSetting<SettingValues[N]> }

  constructor(threads: HotThreadsReach) {
    const ofHot = (): readonly number[] => threads.tids()
    this.#settings = {
      nice: new HeldSetting(nice, ofHot),
      io_class: new HeldSetting(ioClass, ofHot),
      timer_slack_ns: new HeldSetting(threads.timerSlack, ofHot),
      oom_score_adj: new HeldSetting(oomScore),
      huge_pages: new HeldSetting(hugePages),
      dma_latency_us: new HeldSetting(dmaLatency),
    }
  }

  hold<S extends SettingName>(name: S, value: SettingValues[S] | undefined): Hold<SettingValues[S]> {
    const setting: HeldSetting<SettingValues[S]> = this.#settings[name]
    return setting.hold(value)
  }

  sweep(): void {
    for (const setting of Object.values(this.#settings)) setting.sweep()
  }
}

/**
 * One setting with all who wish something of it. A generation wishes before the one that it replaces lets go: the newest
 * wish counts, and when the last one is gone everything is as it was found.
 */
export class HeldSetting<V> {
  readonly #wishes: { value: V | undefined }[] = []
  readonly #targets = new Map<number, Target<V>>()

  constructor(
    private readonly setting: Setting<V>,
    private readonly tids: () => readonly number[] = () => [PROCESS],
  ) {}

  hold(value: V | undefined): Hold<V> {
    const wish = { value }
    this.#wishes.push(wish)
    this.#settle()
    return {
      read: () => this.tids().map((tid) => this.#read(tid)),
      change: (changed) => {
        wish.value = changed
        this.#settle()
      },
      undo: () => {
        const index = this.#wishes.indexOf(wish)
        if (index === -1) return []
        this.#wishes.splice(index, 1)
        return this.#settle()
      },
    }
  }

  /** Threads that are new since have what is wished. */
  sweep(): void {
    if (this.#wish() !== undefined && this.tids().some((tid) => !this.#targets.has(tid))) this.#settle()
  }

  #wish(): V | undefined {
    return this.#wishes.findLast(({ value }) => value !== undefined)?.value
  }

  #settle(): Refusal[] {
    const wish = this.#wish()
    const tids = this.tids()
    for (const tid of this.#targets.keys()) if (!tids.includes(tid)) this.#targets.delete(tid)
    if (wish === undefined) return this.#restore()
    for (const tid of tids) {
      const target = this.#targets.get(tid) ?? { found: this.setting.read(tid), refusal: undefined }
      this.#targets.set(tid, target)
      target.refusal = this.setting.write(wish, tid)
    }
    return []
  }

  #restore(): Refusal[] {
    const targets = [...this.#targets]
    this.#targets.clear()
    return targets.flatMap(([tid, { found }]) => {
      const isAsFound = found === undefined || found === this.setting.read(tid)
      return isAsFound ? [] : (this.setting.write(found, tid) ?? [])
    })
  }

  #read(tid: number): SettingReading<V> {
    return { tid, value: this.setting.read(tid), refusal: this.#targets.get(tid)?.refusal }
  }
}

const PROCESS = 0
