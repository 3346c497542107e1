/**
 * The queue of orders at each price, in pages of 1,024 neighbouring ticks. A page is claimed when the first order
 * comes near and goes back when its last level empties, so the memory follows the market and not the price range.
 */
export const NO_LEVEL = -1
export const NO_ORDER = -1

const PAGE_BITS = 10
const PAGE_LEVELS = 1 << PAGE_BITS
const PAGE_MASK = PAGE_LEVELS - 1
const NO_PAGE = -1

export class PriceLevels {
  /** The oldest and the newest order of a level, and its total; an order's time priority is its place in between. */
  head = new Int32Array(0)
  tail = new Int32Array(0)
  lots = new Float64Array(0)
  readonly #pageOf: Int32Array
  #levelsInPage = new Int32Array(0)
  #freePages = new Int32Array(0)
  #freeCount = 0

  constructor(maxTicks: number) {
    this.#pageOf = new Int32Array((maxTicks >>> PAGE_BITS) + 1).fill(NO_PAGE)
    this.#grow(16)
  }

  /** Where the level of a price lies in the arrays, or NO_LEVEL when no page holds it. */
  find(ticks: number): number {
    const page = this.#pageOf[ticks >>> PAGE_BITS]
    return page === NO_PAGE ? NO_LEVEL : (page << PAGE_BITS) | (ticks & PAGE_MASK)
  }

  lotsAt(ticks: number): number {
    const level = this.find(ticks)
    return level === NO_LEVEL ? 0 : this.lots[level]
  }

  /** Opens the level of a price that has no orders yet. */
  open(ticks: number): number {
    const block = ticks >>> PAGE_BITS
    if (this.#pageOf[block] === NO_PAGE) this.#pageOf[block] = this.#claimPage()
    this.#levelsInPage[this.#pageOf[block]]++
    const level = (this.#pageOf[block] << PAGE_BITS) | (ticks & PAGE_MASK)
    this.head[level] = NO_ORDER
    this.tail[level] = NO_ORDER
    this.lots[level] = 0
    return level
  }

  close(ticks: number): void {
    const block = ticks >>> PAGE_BITS
    const page = this.#pageOf[block]
    this.lots[(page << PAGE_BITS) | (ticks & PAGE_MASK)] = 0
    if (--this.#levelsInPage[page] > 0) return
    this.#pageOf[block] = NO_PAGE
    this.#freePages[this.#freeCount++] = page
  }

  #claimPage(): number {
    if (this.#freeCount === 0) this.#grow(this.#levelsInPage.length * 2)
    const page = this.#freePages[--this.#freeCount]
    this.lots.fill(0, page << PAGE_BITS, (page + 1) << PAGE_BITS)
    return page
  }

  #grow(pages: number): void {
    const before = this.#levelsInPage.length
    this.head = extend(this.head, new Int32Array(pages * PAGE_LEVELS))
    this.tail = extend(this.tail, new Int32Array(pages * PAGE_LEVELS))
    this.lots = extend(this.lots, new Float64Array(pages * PAGE_LEVELS))
    this.#levelsInPage = extend(this.#levelsInPage, new Int32Array(pages))
    this.#freePages = extend(this.#freePages, new Int32Array(pages))
    for (let page = pages - 1; page >= before; page--) this.#freePages[this.#freeCount++] = page
  }
}

function extend<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
