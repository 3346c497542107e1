import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../../core/hot/clock.js"
import { ConflateStage } from "../../../../plugins/market-data/hot/conflate.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { FakeCounter, StageProbe } from "../../../support/part-contexts.js"

function conflating(symbolCount: number): { probe: StageProbe; conflated: FakeCounter } {
  const conflated = new FakeCounter()
  return {
    conflated,
    probe: new StageProbe((next) => new ConflateStage(symbolCount, next, conflated), new ManualClock()),
  }
}

test("updates wait until the thread is idle, and each symbol goes on once, in the order of its first", () => {
  const { probe, conflated } = conflating(3)
  for (const symbol of [2, 0, 2, 2, 0]) probe.stage.offer(symbol)
  assert.equal(probe.take(), [])
  probe.stage.idle?.()
  assert.equal(probe.take(), [2, 0])
  assert.is(conflated.value, 3)
  probe.stage.idle?.()
  assert.equal(probe.take(), [])
})

test("a symbol that comes again while its update is passed on waits for the next turn", () => {
  const passed: number[] = []
  const stage: ConflateStage = new ConflateStage(
    2,
    (symbol) => {
      passed.push(symbol)
      if (passed.length < 4) stage.offer(symbol)
    },
    new FakeCounter(),
  )
  stage.offer(1)
  stage.offer(0)
  stage.idle()
  assert.equal(passed, [1, 0])
  stage.idle()
  assert.equal(passed, [1, 0, 1, 0])
})

test("conflating allocates nothing", () => {
  let last = 0
  const stage = new ConflateStage(
    8,
    (symbol) => {
      last = symbol
    },
    new FakeCounter(),
  )
  const bytes = bytesPerCall((i) => {
    stage.offer(i & 7)
    stage.offer(i & 3)
    if ((i & 3) === 3) stage.idle()
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes}, ${last}`)
})

test.run()
