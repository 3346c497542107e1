import type { FormerValues } from "../config/configuration.js"
import type { Scheduler } from "../threads/scheduler.js"
import type { LeaseWish, Log } from "./contract.js"
import { leaseHeldError } from "./errors.js"

export interface LeaseOptions {
  readonly scheduler: Pick<Scheduler, "after">
  readonly log: Pick<Log, "warn" | "error">
  /** What the API says of the paths of options now. Throws where there is no such option. */
  readonly read: (paths: readonly string[]) => FormerValues
  /** Changes the configuration back. */
  readonly restore: (former: FormerValues, author: string) => Promise<void>
  /** Does work when no change is under way: what that sets is not what is to come back. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

interface Held {
  readonly wish: LeaseWish
  readonly former: FormerValues
}

/**
 * Options that somebody tries for a while. Who holds the lease may set them by requests, and renews it; when it ends, they
 * are what they were when it was taken, as far as requests had set them: nobody has to be alive for that. What a file has
 * changed meanwhile stays.
 */
export class Lease {
  #held: Held | undefined
  #callOff = (): void => undefined

  constructor(private readonly options: LeaseOptions) {}

  /** Takes the lease or renews it. */
  hold(wish: LeaseWish): Promise<void> {
    const { scheduler, read, inTurn } = this.options
    return inTurn(async () => {
      if (this.#held !== undefined && !isSameLease(wish, this.#held.wish)) throw leaseHeldError(this.#held.wish)
      const held = { wish, former: this.#held?.former ?? read(wish.paths) }
      this.close()
      this.#held = held
      this.#callOff = scheduler.after(wish.seconds * 1000, () => void this.#expire(held))
    })
  }

  /** Ends it now. Somebody else's, and one that has ended, is left alone. */
  release(holder: string): Promise<void> {
    return this.options.inTurn(async () => {
      if (this.#held?.wish.holder === holder) await this.#end(this.#held)
    })
  }

  /** Nothing comes back: the engine ends, and so does what requests have set. */
  close(): void {
    this.#callOff()
    this.#held = undefined
  }

  async #expire(held: Held): Promise<void> {
    const { log, inTurn } = this.options
    const { holder, paths } = held.wish
    try {
      await inTurn(async () => {
        // It may have been renewed while others had their turn.
        if (this.#held !== held) return
        log.warn(`${holder} has not renewed its lease: ${paths.join(", ")} go back to what requests had set before`)
        await this.#end(held)
      })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.error(`${paths.join(", ")} could not go back: ${reason}; veloz rollback brings an earlier generation back`)
      this.close()
    }
  }

  async #end({ wish: { holder }, former }: Held): Promise<void> {
    await this.options.restore(former, `the end of the lease of ${holder}`)
    this.close()
  }
}

const isSameLease = (a: LeaseWish, b: LeaseWish): boolean => a.holder === b.holder && `${a.paths}` === `${b.paths}`
