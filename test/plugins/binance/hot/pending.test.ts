import { test } from "uvu"
import * as assert from "uvu/assert"
import { PendingRequests } from "../../../../plugins/binance/hot/pending.js"
import { bytesPerCall, NO_ALLOCATION } from "../../../support/allocation.js"
import { below, seededRandom } from "../../../support/random.js"

const ID = Buffer.from("veloz-123")

test("requests are remembered until they are answered, whatever comes and goes between", () => {
  const random = seededRandom(51)
  const pending = new PendingRequests(64)
  const model = new Map<string, { id: number; kind: number; sentNs: number }>()
  for (let step = 0; step < 50_000; step++) {
    const id = below(random, 200)
    const kind = below(random, 3)
    const key = `${kind}/${id}`
    if (below(random, 2) === 0 && !model.has(key)) {
      const added = pending.add(id, kind, step, ID, 0, ID.length)
      assert.is(added, model.size < 64)
      if (added) model.set(key, { id, kind, sentNs: step })
    } else {
      assert.is(pending.remove(id, kind), model.delete(key))
    }
    if (step % 997 === 0) {
      const until = step - 200
      const lost: string[] = []
      pending.expire(until, (requestId, lostKind) => lost.push(`${lostKind}/${requestId}`))
      const expected = [...model].filter(([, request]) => request.sentNs <= until).map(([name]) => name)
      assert.equal(lost.sort(), expected.sort())
      for (const name of expected) model.delete(name)
    }
    assert.is(pending.count, model.size)
  }
})

test("a lost request is handed out with its client id", () => {
  const pending = new PendingRequests()
  pending.add(2 ** 53 - 2, 1, 5, Buffer.from("??abc??"), 2, 3)
  let seen = ""
  pending.expire(Number.POSITIVE_INFINITY, (requestId, kind, bytes, offset, length) => {
    seen = `${requestId} ${kind} ${Buffer.from(bytes.subarray(offset, offset + length))}`
  })
  assert.is(seen, `${2 ** 53 - 2} 1 abc`)
  assert.is(pending.count, 0)
})

test("remembering and forgetting allocates nothing", () => {
  const pending = new PendingRequests(1024)
  const bytes = bytesPerCall((i) => {
    pending.add(i, 1, i, ID, 0, ID.length)
    if (i >= 100) pending.remove(i - 100, 1)
    if (pending.count > 900) pending.expire(Number.POSITIVE_INFINITY, () => {})
  })
  assert.ok(bytes < NO_ALLOCATION, `${bytes} bytes a request`)
})

test.run()
