import { below, seededRandom } from "../test/support/random.js"

/**
 * Depth updates of one symbol as the venue writes them, 2 levels a side and about 225 bytes. The messages come again
 * and again, so each has its update ids counted on in place before it is handed over, which keeps the stream unbroken.
 * No bid ever reaches an ask.
 */
export class DepthMessages {
  readonly bytes: Buffer
  readonly starts = new Int32Array(MESSAGES + 1)
  /** Where the digits of U and of u begin. */
  readonly #firstIds = new Int32Array(MESSAGES)
  readonly #finalIds = new Int32Array(MESSAGES)
  #count = 0

  constructor() {
    const random = seededRandom(20240808)
    const texts: string[] = []
    let end = 0
    for (let i = 0; i < MESSAGES; i++) {
      const text = depthText(random, 1_723_161_255_208 + 100 * i)
      this.starts[i] = end
      this.#firstIds[i] = end + text.indexOf('"U":') + 4
      this.#finalIds[i] = end + text.indexOf('"u":') + 4
      texts.push(text)
      end += text.length
    }
    this.starts[MESSAGES] = end
    this.bytes = Buffer.from(texts.join(""))
  }

  /** Gives the next message the update id that continues the one before. Returns its index. */
  next(): number {
    const index = this.#count & LAST_MESSAGE
    writeDigits(this.bytes, this.#firstIds[index], FIRST_ID + this.#count)
    writeDigits(this.bytes, this.#finalIds[index], FIRST_ID + this.#count)
    this.#count++
    return index
  }

  /** The whole depth that message 0 continues. */
  static snapshot(): string {
    const levels = (first: number, step: number) =>
      Array.from({ length: 1000 }, (_, i) => `["${((first + i * step) / 100).toFixed(8)}","${(i + 1) / 100}"]`).join(
        ",",
      )
    return `{"lastUpdateId":${FIRST_ID - 1},"bids":[${levels(MIDDLE - 1, -1)}],"asks":[${levels(MIDDLE + 1, 1)}]}`
  }
}

const MESSAGES = 4096
const LAST_MESSAGE = MESSAGES - 1
const MIDDLE = 6_183_763
const ID_DIGITS = 11
const FIRST_ID = 50_093_239_189

function depthText(random: () => number, eventMs: number): string {
  const id = "0".repeat(ID_DIGITS)
  const data = `{"e":"depthUpdate","E":${eventMs},"s":"BTCUSDT","U":${id},"u":${id},"b":[${side(random, -1)}],"a":[${side(random, 1)}]}`
  return `{"stream":"btcusdt@depth@100ms","data":${data}}`
}

/** Two levels, most of them near the touch, one of four taken away. */
function side(random: () => number, direction: number): string {
  const near = 1 + below(random, random() < 0.8 ? 10 : 500)
  const far = near + 1 + below(random, 20)
  return [near, far].map((distance) => level(random, MIDDLE + direction * distance)).join(",")
}

function level(random: () => number, ticks: number): string {
  const lots = below(random, 4) === 0 ? 0 : 1 + below(random, 10 ** (1 + below(random, 7)))
  return `["${(ticks / 100).toFixed(8)}","${(lots / 1e5).toFixed(8)}"]`
}

function writeDigits(bytes: Buffer, at: number, value: number): void {
  let high = Math.floor(value / 1e6)
  let low = value - high * 1e6
  for (let i = ID_DIGITS - 1; i >= ID_DIGITS - 6; i--) {
    const rest = (low / 10) | 0
    bytes[at + i] = 48 + low - 10 * rest
    low = rest
  }
  for (let i = ID_DIGITS - 7; i >= 0; i--) {
    const rest = (high / 10) | 0
    bytes[at + i] = 48 + high - 10 * rest
    high = rest
  }
}
