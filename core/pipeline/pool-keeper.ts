import type { Clock } from "../hot/clock.js"
import type { Counters } from "../hot/counters.js"
import type { ResizablePool } from "../hot/pool.js"
import type { PageWish } from "../os/page-care.js"
import type { Scheduler } from "../threads/scheduler.js"
import { POOL_FIGURES, type PoolName, poolCounter } from "./engine-counters.js"

export interface PoolSize {
  /** Orders, records or ids. */
  readonly capacity: number
  /** Touch every page ahead of its first use. */
  readonly preallocate: boolean
}

/** Sizes of some pools, by name. */
export type PoolSizes = { readonly [Name in PoolName]?: PoolSize }

export interface OwnedPool {
  readonly name: PoolName
  readonly pool: ResizablePool
  /** Its size when nobody wishes any. */
  readonly unwished: number
}

export interface PoolKeeperOptions {
  readonly clock: Clock
  readonly counters: Counters
  readonly scheduler: Pick<Scheduler, "after">
  readonly onFailure: (message: string) => void
  /** The pools that this thread owns. */
  readonly pools: readonly OwnedPool[]
  /** Takes a wish for the pages of pools. True when they have to be touched anew. */
  readonly wishPages: (wish: PageWish | undefined) => boolean
}

/** A resize takes about so much of the thread in one go, and then lets it work for so long. */
const STEP_NS = 1e6
const PAUSE_MS = 2

/** Brings the pools of a thread to their wished sizes between its turns, and shows how they stand in counters. */
export class PoolKeeper {
  readonly #options: PoolKeeperOptions
  readonly #pools: readonly Kept[]
  #isScheduled = false

  constructor(options: PoolKeeperOptions) {
    this.#options = options
    this.#pools = options.pools.map((owned) => new Kept(owned, options.counters))
    this.#publish()
  }

  /** New sizes. What is to be given up is given up at once, and the rest comes step by step. */
  apply(sizes: PoolSizes, pages?: PageWish): void {
    const isTouchedAnew = this.#options.wishPages(pages)
    for (const { name, pool, unwished } of this.#pools) {
      const { capacity, preallocate } = sizes[name] ?? { capacity: unwished, preallocate: false }
      if (isTouchedAnew) pool.resize(capacity, false)
      pool.resize(capacity, preallocate)
    }
    this.#goOn()
    this.#publish()
  }

  /** The end of a turn: shows the figures that somebody may wait for. */
  idle(): void {
    for (let index = 0; index < this.#pools.length; index += 1) {
      const kept = this.#pools[index]
      if (kept.pool.isChanged) kept.publish()
    }
  }

  /** Now and then: gives back what was emptied since a pool was made smaller, and shows every figure. */
  tick(): void {
    this.#settle(this.#options.clock.nowNs() + STEP_NS)
    this.#goOn()
    this.#publish()
  }

  #settle(untilNs: number): void {
    for (const { name, pool } of this.#pools) {
      while (!pool.isSettled && this.#options.clock.nowNs() < untilNs) this.#step(name, pool)
    }
  }

  #step(name: PoolName, pool: ResizablePool): void {
    try {
      pool.settle()
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      pool.giveUp()
      this.#options.onFailure(`${name} is not as large as was wished: the system has no memory (${error.message})`)
    }
  }

  /** What is not done goes on soon. */
  #goOn(): void {
    if (this.#isScheduled || this.#pools.every(({ pool }) => pool.isSettled)) return
    this.#isScheduled = true
    this.#options.scheduler.after(PAUSE_MS, () => {
      this.#isScheduled = false
      this.tick()
    })
  }

  #publish(): void {
    for (const kept of this.#pools) kept.publish()
  }
}

class Kept implements OwnedPool {
  readonly name: PoolName
  readonly pool: ResizablePool
  readonly unwished: number
  readonly #usage = new Float64Array(POOL_FIGURES.length)
  readonly #slots: readonly number[]
  readonly #counters: Counters

  constructor({ name, pool, unwished }: OwnedPool, counters: Counters) {
    this.name = name
    this.pool = pool
    this.unwished = unwished
    this.#counters = counters
    this.#slots = POOL_FIGURES.map((figure) => counters.slot(poolCounter(name, figure)))
  }

  publish(): void {
    this.pool.isChanged = false
    this.pool.writeUsage(this.#usage)
    for (let figure = 0; figure < this.#slots.length; figure += 1) {
      this.#counters.set(this.#slots[figure], this.#usage[figure])
    }
  }
}
