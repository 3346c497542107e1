import { test } from "uvu"
import * as assert from "uvu/assert"
import { Alert } from "../../../plugins/alerts/alert.js"

/** An alert above 100, and what it says to each sample, one a second. */
function saying(duration_seconds: number, samples: readonly (number | null)[]): string[] {
  const alert = new Alert({ name: "a", metric: "m", threshold: 100, duration_seconds, action: "log" })
  return samples.map((value, second) => {
    const change = alert.take(value, { monotonicNs: second * 1e9, wallMs: 1000 * second })
    return change ?? alert.state
  })
}

test("without a duration the first sample above the threshold fires, and the first that is not above resolves", () => {
  assert.equal(saying(0, [100, 101, 102, 100, 99]), ["ok", "fired", "firing", "resolved", "ok"])
})

test("it fires once it has been above for the duration, not before", () => {
  assert.equal(saying(2, [200, 200, 200, 200, 50]), ["pending", "pending", "fired", "firing", "resolved"])
})

test("one sample that is not above begins the duration anew", () => {
  assert.equal(saying(2, [200, 200, 50, 200, 200, 200]), ["pending", "pending", "ok", "pending", "pending", "fired"])
})

test("a figure that flaps faster than the duration never fires", () => {
  const states = saying(
    2,
    Array.from({ length: 50 }, (_, second) => (second % 2 === 0 ? 200 : 50)),
  )
  assert.not.ok(states.includes("fired"))
})

test("a second without a sample begins the duration anew: nothing shows that it was above", () => {
  assert.equal(saying(2, [200, 200, null, 200, 200, 200]), ["pending", "pending", "ok", "pending", "pending", "fired"])
})

test("without samples an alert that fires goes on: nothing shows that it is over", () => {
  assert.equal(saying(0, [200, null, null, 200, 50]), ["fired", "firing", "firing", "firing", "resolved"])
  assert.equal(saying(0, [null, null]), ["ok", "ok"])
})

test("a reading has the rule, the state, the newest sample, and since when the state is", () => {
  const rule = { name: "a", metric: "m", threshold: 100, duration_seconds: 1, action: "log" } as const
  const alert = new Alert(rule)
  assert.equal(alert.reading(), { ...rule, state: "ok", current: null, since: null })
  alert.take(150, { monotonicNs: 0, wallMs: 5000 })
  assert.equal(alert.reading(), { ...rule, state: "pending", current: 150, since: 5000 })
  alert.take(160, { monotonicNs: 1e9, wallMs: 6000 })
  alert.take(null, { monotonicNs: 2e9, wallMs: 7000 })
  assert.equal(alert.reading(), { ...rule, state: "firing", current: null, since: 6000 })
})

test("a step of the wall clock neither fires an alert nor holds it back", () => {
  const alert = new Alert({ name: "a", metric: "m", threshold: 1, duration_seconds: 10, action: "log" })
  alert.take(2, { monotonicNs: 0, wallMs: 0 })
  assert.is(alert.take(2, { monotonicNs: 1e9, wallMs: 3_600_000 }), undefined)
  assert.is(alert.take(2, { monotonicNs: 10e9, wallMs: -5000 }), "fired")
})

test.run()
