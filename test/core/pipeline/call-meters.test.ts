import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock, SystemClock } from "../../../core/hot/clock.js"
import { CallMeters, MAX_METERS, METER_BYTES, readMeters } from "../../../core/pipeline/call-meters.js"
import { composeEngineHooks } from "../../../core/pipeline/hooks.js"
import { PartInstance } from "../../../core/pipeline/taps.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"

const WHERE = 'engine, market.booked "count"'

/** A plugin whose calls take as long as the test says. */
class Metered {
  readonly clock = new ManualClock()
  readonly told: string[] = []
  readonly memory = new SharedArrayBuffer(METER_BYTES)
  readonly meters = new CallMeters(this.clock, this.memory, 1, (plugin, where, durationNs) => {
    this.told.push(`${plugin}: ${where}: ${durationNs / 1e6} ms`)
  })

  /** A hook with the one tap of a part. */
  hook(): (durationMs: number) => void {
    const part = new PartInstance("counting", "engine", 0, fail, (where) => this.meters.make("counting", where))
    part.tap("market.booked", "count", (durationMs: number) => this.clock.advanceMs(durationMs))
    const { booked } = composeEngineHooks([part], { deferRisk: false })
    return booked as unknown as (durationMs: number) => void
  }

  read(): unknown {
    return readMeters(this.memory, this.meters.names, "counting")
  }
}

function fail(_part: unknown, _where: string, error: unknown): never {
  throw error
}

// First: a process has one kind of clock, and code that has met two is compiled for neither.
test("metered calls allocate nothing", () => {
  const meters = new CallMeters(new SystemClock(), new SharedArrayBuffer(METER_BYTES), 1e9, () => undefined)
  const part = new PartInstance("counting", "engine", 0, fail, (where) => meters.make("counting", where))
  const seen = new Float64Array(1)
  part.tap("market.booked", "count", (_book: unknown, level: number) => {
    seen[0] += level
  })
  const { booked } = composeEngineHooks([part], { deferRisk: false })
  // One call of 64 is timed, so that compilers are slow to see it again when they had guessed wrong. What allocates does so
  // each time that it is measured.
  const measure = (): number => bytesPerCall((i) => booked!(undefined as never, i & 7), { warmUpCalls: 64 * 50_000 })
  const bytes = Math.min(measure(), measure(), measure())
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a call`)
  assert.ok(seen[0] > 0)
})

test("the first four calls are timed, and then one of 64", () => {
  const metered = new Metered()
  const call = metered.hook()
  for (let count = 0; count < 4; count += 1) call(0.01)
  assert.equal(metered.read(), [[WHERE, { timed_calls: 4, mean_us: 10, max_us: 10 }]])
  for (let count = 0; count < 640; count += 1) call(0.01)
  assert.equal(metered.read(), [[WHERE, { timed_calls: 14, mean_us: 10, max_us: 10 }]])
})

test("calls that are slow three times in a row are told, once", () => {
  const metered = new Metered()
  const call = metered.hook()
  for (let count = 0; count < 100; count += 1) call(2)
  assert.equal(metered.told, [`counting: ${WHERE}: 2 ms`])
})

test("a single slow call is no slow plugin, and the next ones are looked at", () => {
  const metered = new Metered()
  const call = metered.hook()
  for (const durationMs of [0, 5, 0, 0, 5, 5, 0, 0]) call(durationMs)
  assert.equal(metered.told, [])
})

test("the figures of a plugin that was made anew are its own", () => {
  const metered = new Metered()
  const old = metered.hook()
  old(0.5)
  const call = metered.hook()
  assert.equal(metered.read(), [[WHERE, { timed_calls: 1, mean_us: 500, max_us: 500 }]], "it is not called yet")
  call(0.1)
  assert.equal(metered.read(), [[WHERE, { timed_calls: 1, mean_us: 100, max_us: 100 }]])
})

test("figures are told of the plugin that is asked for, and none where nothing was called", () => {
  const metered = new Metered()
  metered.meters.make("counting-more", "engine, x").time(() => undefined)
  metered.meters.make("counting", "engine, never")
  assert.equal(metered.read(), [])
})

test("without room for more figures a plugin is timed all the same", () => {
  const metered = new Metered()
  for (let slot = 0; slot < MAX_METERS; slot += 1) metered.meters.make("others", String(slot))
  const call = metered.hook()
  for (let count = 0; count < 3; count += 1) call(2)
  assert.is(metered.told.length, 1)
  assert.equal(metered.read(), [])
})

test("what a timed call throws is thrown, and what it answers is answered", () => {
  const meter = new Metered().meters.make("counting", WHERE)
  assert.is(
    meter.time((a: number, b: number) => a + b, 1, 2),
    3,
  )
  assert.throws(() => meter.time(() => fail(0, "", new Error("on purpose"))), "on purpose")
})

test.run()
