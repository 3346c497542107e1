import { test } from "uvu"
import * as assert from "uvu/assert"
import { ChangeLog } from "../../../../plugins/sim-exchange/hot/change-log.js"
import { below, seededRandom } from "../../../support/random.js"

test("a price counts once a side, in the order of first change", () => {
  const log = new ChangeLog()
  log.mark(100, 0)
  log.mark(101, 1)
  log.mark(100, 0)
  log.mark(100, 1)
  assert.equal([...log.keys.subarray(0, log.count)], [200, 203, 201])
})

test("a cleared log takes the same prices again", () => {
  const log = new ChangeLog()
  log.mark(100, 0)
  log.clear()
  assert.is(log.count, 0)
  log.mark(100, 0)
  assert.is(log.count, 1)
})

test("it keeps exactly the set of what was marked while it grows", () => {
  const random = seededRandom(3)
  const log = new ChangeLog()
  for (let round = 0; round < 5; round++) {
    const model = new Set<number>()
    for (let i = 0; i < 5000; i++) {
      const key = below(random, 3000) * 2 + below(random, 2)
      model.add(key)
      log.markKey(key)
    }
    assert.equal(new Set(log.keys.subarray(0, log.count)), model)
    assert.is(log.count, model.size)
    log.clear()
  }
})

test.run()
