import { MALFORMED, OFF_STEP, parseAmount, parsePlainAmount, TOO_LARGE } from "./amounts.js"
import {
  duplicateParameter,
  emptyParameter,
  illegalCharacters,
  missingParameter,
  overflow,
  tooMuchPrecision,
  unreadParameters,
} from "./venue-error.js"

/** The parameters of one request as text, whichever way they came. It knows which were read. */
export class Params {
  readonly values: ReadonlyMap<string, string>
  /** Names of `values` only. */
  readonly #read = new Set<string>()

  constructor(values: ReadonlyMap<string, string>) {
    this.values = values
  }

  /** Of a query and a form body. A name that comes twice is refused, as the venue does. */
  static ofForms(...forms: string[]): Params {
    const values = new Map<string, string>()
    for (const form of forms) {
      for (const [name, value] of new URLSearchParams(form)) {
        if (values.has(name)) throw duplicateParameter()
        values.set(name, value)
      }
    }
    return new Params(values)
  }

  /** Of the `params` object of a WebSocket API request. Lists become JSON, as they are in a query. */
  static ofObject(object: Record<string, unknown>): Params {
    const values = new Map<string, string>()
    for (const name in object) {
      const value = object[name]
      if (value === null || value === undefined) continue
      values.set(name, typeof value === "object" ? JSON.stringify(value) : String(value))
    }
    return new Params(values)
  }

  optional(name: string): string | undefined {
    const value = this.values.get(name)
    if (value === undefined) return undefined
    if (value === "") throw emptyParameter(name)
    this.#read.add(name)
    return value
  }

  required(name: string): string {
    const value = this.values.get(name) || fail(missingParameter(name))
    this.#read.add(name)
    return value
  }

  /** Takes note of parameters that change nothing here. */
  ignore(...names: string[]): void {
    for (const name of names) if (this.values.has(name)) this.#read.add(name)
  }

  /** A decimal of at most eight places, in units of 1e-8. */
  amount(name: string): number | undefined {
    const text = this.optional(name)
    if (text === undefined) return undefined
    const plain = parsePlainAmount(text)
    if (plain >= 0) return plain
    const units = DECIMAL.test(text) ? parseAmount(text) : MALFORMED
    if (units === MALFORMED) throw illegalCharacters(name, DECIMAL.source)
    if (units === OFF_STEP) throw tooMuchPrecision(name)
    if (units === TOO_LARGE) throw overflow(name)
    return units
  }

  integer(name: string): number | undefined {
    const text = this.optional(name)
    if (text === undefined) return undefined
    if (!INTEGER.test(text)) throw illegalCharacters(name, INTEGER.source)
    return Number(text)
  }

  /** Refuses what nobody asked for: a misspelt name must not be a silent default. */
  finish(): void {
    if (this.#read.size < this.values.size) throw unreadParameters(this.#read.size, this.values.size)
  }
}

const DECIMAL = /^[0-9]{1,20}(\.[0-9]{1,20})?$/
const INTEGER = /^[0-9]{1,15}$/

function fail(error: Error): never {
  throw error
}
