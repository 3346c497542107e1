import { setImmediate as turn } from "node:timers/promises"
import v8 from "node:v8"
import vm from "node:vm"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { CollectionWindow } from "../../../core/measure/collection-window.js"
import {
  COLLECTION_COUNT,
  COLLECTION_LONGEST_MS,
  COLLECTION_SUM_MS,
  COLLECTIONS_BYTES,
  watchCollections,
} from "../../../core/threads/collections.js"
import { bytesPerCall, NO_ALLOCATION } from "../../support/allocation.js"

v8.setFlagsFromString("--expose-gc")
const collect = vm.runInNewContext("gc") as () => void

test("a collection is counted with the time that it stopped the thread, and none is after the end", async () => {
  const cells = new Float64Array(new SharedArrayBuffer(COLLECTIONS_BYTES))
  const stop = watchCollections(cells.buffer as SharedArrayBuffer)
  const startedMs = performance.now()
  collect()
  collect()
  const tookMs = performance.now() - startedMs
  await turn()
  await turn()
  stop()
  assert.ok(cells[COLLECTION_COUNT] >= 2, `${cells}`)
  assert.ok(cells[COLLECTION_LONGEST_MS] > 0 && cells[COLLECTION_LONGEST_MS] < cells[COLLECTION_SUM_MS], `${cells}`)
  assert.ok(cells[COLLECTION_SUM_MS] <= tookMs + 1, `${cells[COLLECTION_SUM_MS]} of ${tookMs} ms`)
  const count = cells[COLLECTION_COUNT]
  collect()
  await turn()
  assert.is(cells[COLLECTION_COUNT], count)
})

test("watching costs nothing while there is no collection", () => {
  const stop = watchCollections(new SharedArrayBuffer(COLLECTIONS_BYTES))
  const values = new Float64Array(64)
  const bytes = bytesPerCall((i) => {
    values[i & 63] = values[(i + 1) & 63] + i * 1e9
  })
  stop()
  assert.ok(bytes < NO_ALLOCATION, `${bytes}`)
})

test("a window tells the last minute and all since the start", () => {
  const memory = new SharedArrayBuffer(COLLECTIONS_BYTES)
  const cells = new Float64Array(memory)
  const window = new CollectionWindow(memory, 2)
  const stopped = (ms: number): void => {
    cells[COLLECTION_COUNT] += 1
    cells[COLLECTION_SUM_MS] += ms
    cells[COLLECTION_LONGEST_MS] = Math.max(cells[COLLECTION_LONGEST_MS], ms)
  }
  const none = { count: 0, sum_ms: 0, longest_us: null }
  assert.equal(window.read(), { ...none, total: none })
  stopped(3)
  stopped(1)
  window.tick()
  stopped(2)
  window.tick()
  const all = { count: 3, sum_ms: 6, longest_us: 3000 }
  assert.equal(window.read(), { ...all, total: all })
  window.tick()
  assert.equal(window.read(), { count: 1, sum_ms: 2, longest_us: 2000, total: all })
  window.tick()
  assert.equal(window.read(), { ...none, total: all })
})

test.run()
