import { listTids, pinThread } from "../os/threads.js"

export interface Kept {
  /** Why threads could not be moved, one sentence a thread. */
  readonly refusals: readonly string[]
  undo(): void
}

/** Who is asked about the threads of this process. */
export interface HousekeepingSystem {
  listTids(): readonly number[]
  pinThread(tid: number, cpus: readonly number[]): { readonly reason?: string }
}

/**
 * Keeps the threads that nobody pins away from those that are pinned: libuv's pool, V8's helpers, control, and what a
 * library may start. Threads appear later too, with the CPUs of the thread that made them, so they are looked for again
 * and again; each is moved once, and left alone when somebody else moves it afterwards.
 */
export class Housekeeping {
  /** The newest wish counts: a generation wishes before the one that it replaces lets go. */
  readonly #wishes: (readonly number[])[] = []
  /** Where each thread was put. */
  readonly #moved = new Map<number, readonly number[]>()

  /** `original` is where threads go when the last wish is gone. */
  constructor(
    private readonly isOthers: (tid: number) => boolean,
    private readonly original: readonly number[],
    private readonly system: HousekeepingSystem = { listTids, pinThread },
  ) {}

  keep(cpus: readonly number[]): Kept {
    // A copy, because two parts may wish the same list.
    const wish = [...cpus]
    this.#wishes.push(wish)
    const undo = (): void => {
      const index = this.#wishes.indexOf(wish)
      if (index === -1) return
      // What appeared since the last look goes back with the others.
      this.sweep()
      this.#wishes.splice(index, 1)
      this.sweep()
    }
    return { refusals: this.sweep(), undo }
  }

  /** Moves the threads that are not where they are wished. Returns why some could not be. */
  sweep(): string[] {
    const tids = this.system.listTids()
    for (const tid of this.#moved.keys()) if (!tids.includes(tid)) this.#moved.delete(tid)
    const wish = this.#wishes.at(-1)
    return tids.filter((tid) => !this.isOthers(tid)).flatMap((tid) => this.#settle(tid, wish) ?? [])
  }

  #settle(tid: number, wish: readonly number[] | undefined): string | undefined {
    if (this.#moved.get(tid) === wish) return undefined
    if (wish === undefined) this.#moved.delete(tid)
    else this.#moved.set(tid, wish)
    const { reason } = this.system.pinThread(tid, wish ?? this.original)
    // A thread that has ended meanwhile needs no place.
    return reason === undefined || !this.system.listTids().includes(tid) ? undefined : reason
  }
}
