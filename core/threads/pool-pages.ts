import { carePages } from "../hot/pages.js"
import { adviseHuge, lockPages, type PageWish, unlockPages } from "../os/page-care.js"

/**
 * What is done, on this thread, to the pages of pools when they are touched. What is a huge page stays one until its
 * pool gives the memory back; what is locked is unlocked at once.
 */
export class PoolPages {
  #wish: PageWish = { lock: false, huge: false }
  #failure: string | undefined

  constructor(private readonly onFailure: (message: string) => void) {}

  /** True when the pages have to be touched anew, for the wish has changed. */
  wish(wish: PageWish = { lock: false, huge: false }): boolean {
    const before = this.#wish
    if (before.lock === wish.lock && before.huge === wish.huge) return false
    this.#wish = { ...wish }
    this.#failure = undefined
    if (before.lock && !wish.lock) unlockPages()
    carePages(wish.lock || wish.huge ? (bytes) => this.#care(bytes) : undefined)
    return true
  }

  #care(bytes: Uint8Array): void {
    if (this.#wish.huge) this.#tell(adviseHuge(bytes))
    if (this.#wish.lock) this.#tell(lockPages(bytes))
  }

  /** Once for each wish: a pool has many pages. */
  #tell(failure: string | undefined): void {
    if (failure === undefined || failure === this.#failure) return
    this.#failure = failure
    this.onFailure(failure)
  }
}
