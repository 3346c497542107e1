import { test } from "uvu"
import * as assert from "uvu/assert"
import { AverageCost, nearest } from "../../../core/pipeline/average-cost.js"
import { below, seededRandom } from "../../support/random.js"

/** The position after fills of `lots` (sold when below 0) at a price each. */
function after(...fills: readonly (readonly [lots: number, price: number])[]): AverageCost {
  const position = new AverageCost()
  for (const [lots, price] of fills) position.add(BigInt(lots), BigInt(lots * price))
  return position
}

const shown = ({ sizeLots, cost, realized }: AverageCost) => [sizeLots, cost, realized].map(Number)

test("adding averages, reducing realizes at the average", () => {
  assert.equal(shown(after([10, 100], [10, 110])), [20, 2100, 0])
  assert.equal(shown(after([10, 100], [10, 110], [-5, 120])), [15, 1575, 75])
  assert.equal(shown(after([-10, 100], [-10, 110], [5, 90])), [-15, -1575, 75])
})

test("what is flat has gained what it sold for less what it cost, and costs nothing", () => {
  assert.equal(shown(after([3, 100], [4, 103], [-2, 99], [-5, 107])), [0, 0, -300 - 412 + 198 + 535])
})

test("what goes beyond zero opens anew at the price of its fill", () => {
  assert.equal(shown(after([10, 100], [-15, 120])), [-5, -600, 200])
  assert.equal(shown(after([-10, 100], [15, 90])), [5, 450, 100])
})

test("a share of the cost is taken off to the nearest unit, and nothing is lost by it", () => {
  const position = after([1, 10], [2, 11])
  position.add(-1n, -20n)
  assert.equal(shown(position), [2, 21, 9])
})

test("nearest rounds halves away from zero", () => {
  assert.equal(
    [7n, 5n, 4n, -4n, -5n, -7n].map((dividend) => Number(nearest(dividend, 10n))),
    [1, 1, 0, 0, -1, -1],
  )
})

test("amounts beyond what a double counts stay exact", () => {
  const huge = 2 ** 53 - 1
  const position = new AverageCost()
  for (let fill = 0; fill < 10; fill += 1) position.add(3n, BigInt(huge))
  assert.is(position.cost, 10n * BigInt(huge))
  position.add(-30n, -1n)
  assert.is(position.realized, 1n - 10n * BigInt(huge))
})

// The naive model: fractions that are never rounded.
class Exact {
  size = 0n
  costOver = 0n
  realizedOver = 0n
  divisor = 1n

  add(lots: bigint, price: bigint): void {
    const isReducing = this.size !== 0n && lots > 0n !== this.size > 0n
    if (!isReducing) {
      this.costOver += lots * price * this.divisor
      this.size += lots
      return
    }
    const magnitude = this.size < 0n ? -this.size : this.size
    const wanted = lots < 0n ? -lots : lots
    const closing = wanted < magnitude ? wanted : magnitude
    const part = lots < 0n ? -closing : closing
    const closedOver = this.costOver * closing
    this.realizedOver = this.realizedOver * magnitude - closedOver - part * price * this.divisor * magnitude
    this.costOver = this.costOver * magnitude - closedOver
    this.divisor *= magnitude
    this.size += part
    if (part !== lots) this.add(lots - part, price)
  }
}

test("any fills: the size and the sum of gain and cost are exact, the gain within half a unit for each reduction", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seededRandom(seed)
    const position = new AverageCost()
    const exact = new Exact()
    let paid = 0n
    for (let fill = 1; fill <= 25; fill += 1) {
      const lots = BigInt(1 + below(random, 9)) * (random() < 0.5 ? 1n : -1n)
      const price = BigInt(90 + below(random, 20))
      position.add(lots, lots * price)
      exact.add(lots, price)
      paid += lots * price
      assert.is(position.sizeLots, exact.size, `seed ${seed}`)
      assert.is(position.realized - position.cost, -paid, `seed ${seed}`)
      const errorOver = position.realized * exact.divisor - exact.realizedOver
      assert.ok((errorOver < 0n ? -errorOver : errorOver) * 2n <= BigInt(fill) * exact.divisor, `seed ${seed}`)
      if (exact.size === 0n) assert.is(position.realized, -paid, `seed ${seed}`)
    }
  }
})

test.run()
