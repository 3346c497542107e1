import { wrongValueError } from "../config/errors.js"
import { isPlainObject } from "../config/path.js"
import type { OptionSchema } from "../config/schemas.js"
import { validate } from "../config/validate.js"
import type { Bottleneck } from "../kernel/contract.js"
import { readingInvalidError } from "../kernel/errors.js"
import type { IntervalFigures } from "./figures.js"

/** What an engine did in a stretch of time, and everything that it has to be compared with. */
export interface Reading extends IntervalFigures {
  kind: typeof KIND
  format: typeof FORMAT
  started_at: string
  ended_at: string
  url: string
  version: string
  /** Cores, CPU model, kernel: what the engine says of its machine. */
  machine: Record<string, string | number>
  configuration: {
    /** The generations at the beginning and at the end: two numbers that differ are a reading of neither. */
    first_generation: number
    last_generation: number
    values: Record<string, unknown>
  }
  bottlenecks: Bottleneck[]
  /** By how much each counter has grown. */
  counters: Record<string, number>
  /** The same time in equal pieces: how much the figures vary by themselves. */
  slices: IntervalFigures[]
}

export const KIND = "veloz-reading"
export const FORMAT = 1

/** A saved reading. Throws with the first member that does not fit; `file` is for the error. */
export function parseReading(text: string, file: string): Reading {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw readingInvalidError(file, `it is no JSON: ${(error as Error).message}`)
  }
  if (!isPlainObject(value) || value.kind !== KIND)
    throw readingInvalidError(file, `its member "kind" is not "${KIND}"`)
  if (value.format !== FORMAT) throw readingInvalidError(file, wrongValueError(["format"], value.format, "1").message)
  const [problem] = validate(READING, value, [])
  if (problem !== undefined) throw readingInvalidError(file, problem.diagnostic.message)
  return value as unknown as Reading
}

const NUMBER: OptionSchema = { type: "number" }
const MEASURED: OptionSchema = { type: ["number", "null"] }
const TEXT: OptionSchema = { type: "string" }

const LATENCY = record({ p50_us: MEASURED, p95_us: MEASURED, p99_us: MEASURED, max_us: MEASURED, count: NUMBER })
const PATH: OptionSchema = { type: "object", additionalProperties: MEASURED }
const FIGURES = {
  seconds: { type: "number", exclusiveMinimum: 0 },
  latency: { type: "object", additionalProperties: LATENCY },
  throughput: record({ orders_per_second: NUMBER, market_updates_per_second: NUMBER }),
  profile: record({ orders: NUMBER, order_path: PATH, updates: NUMBER, market_data_path: PATH, exchange_method: TEXT }),
}
const READING = record({
  ...FIGURES,
  kind: TEXT,
  format: NUMBER,
  started_at: TEXT,
  ended_at: TEXT,
  url: TEXT,
  version: TEXT,
  machine: { type: "object", additionalProperties: { type: ["string", "number"] } },
  configuration: record({ first_generation: NUMBER, last_generation: NUMBER, values: { type: "object" } }),
  bottlenecks: { type: "array", items: record({ component: TEXT, pct_of_total: NUMBER, recommendation: TEXT }) },
  counters: { type: "object", additionalProperties: NUMBER },
  slices: { type: "array", items: record(FIGURES) },
})

/** An object that has all of these members, and may have others. */
function record(properties: Record<string, OptionSchema>): OptionSchema & { required: string[] } {
  return { type: "object", properties, required: Object.keys(properties) }
}
