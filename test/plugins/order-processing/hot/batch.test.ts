import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../../core/hot/clock.js"
import { BatchStage } from "../../../../plugins/order-processing/hot/batch.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { FakeCounter, StageProbe } from "../../../support/part-contexts.js"

function batching(options: { batch_size: number; batch_wait_us: number }) {
  const clock = new ManualClock()
  const batches = new FakeCounter()
  const probe = new StageProbe((next, context) => new BatchStage(options, next, context, batches), clock)
  return { clock, batches, options, probe, stage: probe.stage }
}

test("a full batch is written at once, with one write", () => {
  const { probe, stage, batches } = batching({ batch_size: 3, batch_wait_us: 100 })
  stage.offer(0)
  stage.offer(0)
  assert.equal(probe.take(), [])
  stage.offer(0)
  assert.equal(probe.take(), [0])
  assert.is(batches.value, 1)
  stage.idle?.()
  assert.equal(probe.take(), [])
})

test("an incomplete batch is written when its first frame has waited long enough, however often the thread idles", () => {
  const { clock, probe, stage } = batching({ batch_size: 10, batch_wait_us: 100 })
  stage.offer(0)
  assert.is(probe.wakeUs, 100)
  clock.advanceNs(60_000)
  stage.offer(0)
  stage.idle?.()
  assert.equal(probe.take(), [])
  assert.is(probe.wakeUs, 40)
  clock.advanceNs(40_000)
  stage.idle?.()
  assert.equal(probe.take(), [0])
})

test("a wait of 0 writes as soon as the thread idles", () => {
  const { probe, stage } = batching({ batch_size: 10, batch_wait_us: 0 })
  stage.offer(0)
  stage.offer(0)
  stage.idle?.()
  assert.equal(probe.take(), [0])
})

test("the wait follows the live option", () => {
  const { clock, probe, stage, options } = batching({ batch_size: 10, batch_wait_us: 100 })
  stage.offer(0)
  options.batch_wait_us = 20
  clock.advanceNs(20_000)
  stage.idle?.()
  assert.equal(probe.take(), [0])
})

test("batching allocates nothing", () => {
  const clock = new ManualClock()
  let last = 0
  const next = (item: number): void => {
    last += item
  }
  const stage = new BatchStage({ batch_size: 10, batch_wait_us: 3 }, next, { clock, wakeAfter() {} }, new FakeCounter())
  const bytes = bytesPerCall(() => {
    clock.advanceNs(700)
    stage.offer(0)
    stage.idle()
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes}, ${last}`)
})

test.run()
