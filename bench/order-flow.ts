import { Side } from "../core/hot/records.js"
import { below, seededRandom } from "../test/support/random.js"

/** Orders that differ in side, price and quantity, near a market at 61,837.63. In ticks of 0.01 and lots of 0.00001. */
export class OrderFlow {
  readonly sides = new Uint8Array(ORDERS)
  readonly priceTicks = new Int32Array(ORDERS)
  readonly qtyLots = new Int32Array(ORDERS)

  constructor() {
    const random = seededRandom(7)
    for (let i = 0; i < ORDERS; i++) {
      this.sides[i] = below(random, 2)
      const distance = 1 + below(random, 20_000)
      this.priceTicks[i] = this.sides[i] === Side.Buy ? MIDDLE - distance : MIDDLE + distance
      this.qtyLots[i] = 100 + below(random, 10 ** (2 + below(random, 3)))
    }
  }

  index(operation: number): number {
    return operation & (ORDERS - 1)
  }
}

const ORDERS = 1 << 14
const MIDDLE = 6_183_763
