import { DenyReason, FIRST_PLUGIN_REASON } from "../hot/deny.js"

/** What a deny reason is called over HTTP, and how it reads. */
export interface DenyText {
  readonly code: string
  readonly status: number
  readonly message: string
}

const ENGINE_REASONS: Readonly<Record<number, DenyText>> = {
  [DenyReason.RingFull]: {
    code: "overloaded",
    status: 503,
    message: "the engine has no room for another order right now",
  },
  [DenyReason.VenueAway]: { code: "venue_away", status: 503, message: "the venue does not take orders right now" },
  [DenyReason.NotRunning]: { code: "not_running", status: 503, message: "the engine is starting or stopping" },
  [DenyReason.RiskHalted]: {
    code: "risk_halted",
    status: 422,
    message: "a risk check failed in itself; everything is denied until a new configuration is committed",
  },
  [DenyReason.DuplicateClientOrderId]: {
    code: "duplicate_client_order_id",
    status: 409,
    message: "an open order has this client_order_id already",
  },
  [DenyReason.UnknownSymbol]: { code: "bad_params", status: 400, message: "this engine does not trade the symbol" },
  [DenyReason.Malformed]: {
    code: "bad_params",
    status: 400,
    message: "side, type or time in force is none that exists, or a number is out of range",
  },
  [DenyReason.ClientOrderId]: {
    code: "bad_params",
    status: 400,
    message: "client_order_id must be 1 to 36 of [a-zA-Z0-9-_]",
  },
  [DenyReason.Price]: {
    code: "bad_params",
    status: 400,
    message: "a limit order needs a price, a market order has none",
  },
  [DenyReason.Invalid]: { code: "invalid_order", status: 422, message: "the order is not valid" },
  [DenyReason.NotOpen]: { code: "not_found", status: 404, message: "no open order has this client_order_id" },
  [DenyReason.Unencodable]: {
    code: "bad_params",
    status: 400,
    message: "the order cannot be written in the venue's protocol",
  },
}

/** The deny reasons of one hot thread: the engine's own, and those that plugins asked for. */
export class DenyReasons {
  readonly #texts = new Map<number, DenyText>(Object.entries(ENGINE_REASONS).map(([key, text]) => [Number(key), text]))
  readonly #numbers = new Map<string, number>()

  /** `known` are those that others have given numbers to. */
  constructor(known: ReturnType<DenyReasons["added"]> = []) {
    for (const [name, number, text] of known) this.learn(name, number, text)
  }

  /** The number of a plugin's reason: the same each time it is asked for. The words are those that were given last. */
  number(name: string, message = `denied by ${name}`): number {
    const number = this.#numbers.get(name) ?? FIRST_PLUGIN_REASON + this.#numbers.size
    // A balance is no limit of ours: it has a code of its own.
    const code = name === "insufficient-balance" ? "insufficient_balance" : `risk_${name.replaceAll("-", "_")}`
    this.learn(name, number, { code, status: 422, message })
    return number
  }

  learn(name: string, number: number, text: DenyText): void {
    this.#numbers.set(name, number)
    this.#texts.set(number, text)
  }

  /** What plugins added, for the other side of the thread boundary. */
  added(): readonly (readonly [name: string, number: number, text: DenyText])[] {
    return [...this.#numbers].map(([name, number]) => [name, number, this.#texts.get(number)!] as const)
  }

  text(number: number): DenyText {
    return this.#texts.get(number) ?? { code: "denied", status: 422, message: `denied with reason ${number}` }
  }
}
