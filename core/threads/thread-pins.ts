import { type PinResult, pinThread, readAffinity } from "../os/threads.js"

export interface Pin extends PinResult {
  undo(): void
}

/**
 * Who wants which thread on which CPUs. A generation pins before the one that it replaces lets go, so wishes are kept
 * in their order: the newest counts, and when the last one is gone the thread is where it was before the first.
 */
export class ThreadPins {
  readonly #threads = new Map<number, { original: readonly number[]; wishes: (readonly number[])[] }>()

  constructor(private readonly system = { pinThread, readAffinity }) {}

  isPinned(tid: number): boolean {
    return (this.#threads.get(tid)?.wishes.length ?? 0) > 0
  }

  /** Binds the thread. With a `reason` in the result nothing has changed, and there is nothing to undo. */
  pin(tid: number, cpus: readonly number[]): Pin {
    const thread = this.#threads.get(tid) ?? { original: this.system.readAffinity(tid) ?? [], wishes: [] }
    const result = this.system.pinThread(tid, cpus)
    // A copy, because two parts may wish the same list.
    const wish = [...cpus]
    const undo = (): void => {
      const index = thread.wishes.indexOf(wish)
      if (index !== -1) thread.wishes.splice(index, 1)
      this.system.pinThread(tid, thread.wishes.at(-1) ?? thread.original)
    }
    if (result.reason !== undefined) {
      undo()
      return { ...result, undo: () => undefined }
    }
    thread.wishes.push(wish)
    this.#threads.set(tid, thread)
    return { ...result, undo }
  }
}
