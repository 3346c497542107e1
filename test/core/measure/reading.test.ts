import { test } from "uvu"
import * as assert from "uvu/assert"
import { VelozError } from "../../../core/kernel/errors.js"
import { parseReading } from "../../../core/measure/reading.js"
import { reading } from "./readings.js"

function refusal(text: string): string {
  try {
    parseReading(text, "a.json")
  } catch (error) {
    assert.instance(error, VelozError)
    assert.is((error as VelozError).code, "VELOZ_READING_INVALID")
    return (error as VelozError).message
  }
  throw new Error(`${text} was taken`)
}

test("a reading is read back as it was written", () => {
  assert.equal(parseReading(JSON.stringify(reading(800)), "a.json"), reading(800))
})

test("what is no reading is refused with the first member that does not fit", () => {
  const bad: [change: object, expected: RegExp][] = [
    [{ kind: "other" }, /"kind" is not "veloz-reading"/],
    [{ format: 2 }, /format must be 1, was 2/],
    [{ slices: undefined }, /slices is missing/],
    [{ seconds: 0 }, /seconds must be a number above 0, was 0/],
    [{ latency: { processing: { p50_us: "fast" } } }, /latency.processing/],
    [{ throughput: { orders_per_second: null, market_updates_per_second: 1 } }, /throughput.orders_per_second must be/],
    [{ slices: [{ ...reading(1), profile: 7 }] }, /slices\[0\].profile must be an object, was 7/],
    [{ configuration: { first_generation: 1, last_generation: 1 } }, /configuration.values is missing/],
  ]
  for (const [change, expected] of bad) assert.match(refusal(JSON.stringify({ ...reading(8), ...change })), expected)
  for (const text of ["null", "7", "[]", "{}"]) assert.match(refusal(text), /"kind" is not/)
  assert.match(refusal("{"), /it is no JSON/)
})

test("members that another version adds are let be", () => {
  assert.not.throws(() => parseReading(JSON.stringify({ ...reading(8), more: 1 }), "a.json"))
})

test.run()
