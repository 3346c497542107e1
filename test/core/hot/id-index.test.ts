import { test } from "uvu"
import * as assert from "uvu/assert"
import { asciiBytes } from "../../../core/hot/bytes.js"
import { IdIndex } from "../../../core/hot/id-index.js"
import { NO_SLOT } from "../../../core/hot/pool.js"
import { below, seededRandom } from "../../support/random.js"

test("find answers the slot of an id that was inserted, and NO_SLOT for another", () => {
  const index = new IdIndex()
  assert.ok(insert(index, "order-1", 7))
  assert.is(find(index, "order-1"), 7)
  assert.is(find(index, "order-2"), NO_SLOT)
  assert.is(find(index, "order-"), NO_SLOT)
})

test("insert refuses an id that is there and keeps its slot", () => {
  const index = new IdIndex()
  insert(index, "order-1", 7)
  assert.not(insert(index, "order-1", 8))
  assert.is(find(index, "order-1"), 7)
  assert.is(index.count, 1)
})

test("remove answers the slot that the id had", () => {
  const index = new IdIndex()
  insert(index, "order-1", 7)
  assert.is(remove(index, "order-1"), 7)
  assert.is(remove(index, "order-1"), NO_SLOT)
  assert.is(find(index, "order-1"), NO_SLOT)
  assert.is(index.count, 0)
})

test("the index grows when it is half full and keeps every id", () => {
  const index = new IdIndex(16)
  for (let i = 0; i < 5_000; i++) insert(index, `order-${i}`, i)
  for (let i = 0; i < 5_000; i++) assert.is(find(index, `order-${i}`), i)
  assert.ok(index.capacity >= 5_000)
})

test("resize makes room at once, clear forgets all ids", () => {
  const index = new IdIndex(16)
  insert(index, "a", 1)
  index.resize(10_000)
  const { capacity } = index
  assert.ok(capacity >= 10_000)
  assert.is(find(index, "a"), 1)
  index.clear()
  assert.is(find(index, "a"), NO_SLOT)
  assert.is(index.capacity, capacity)
})

test("resize gives back what is not needed, but keeps every id that is there", () => {
  const index = new IdIndex(10_000)
  const { bytes } = index
  for (let i = 0; i < 500; i++) insert(index, `order-${i}`, i)
  assert.not(index.fits(10))
  index.resize(10)
  assert.ok(index.fits(10) && index.capacity >= 500 && index.bytes < bytes / 10)
  for (let i = 0; i < 500; i++) assert.is(find(index, `order-${i}`), i)
  for (let i = 10; i < 500; i++) remove(index, `order-${i}`)
  index.resize(10)
  assert.ok(index.capacity < 100)
  for (let i = 0; i < 10; i++) assert.is(find(index, `order-${i}`), i)
})

test("touching changes nothing, and another table is not touched yet", () => {
  const index = new IdIndex(20_000)
  insert(index, "a", 1)
  while (index.touchedBytes < index.bytes) index.touch()
  assert.is(find(index, "a"), 1)
  index.resize(100)
  assert.is(index.touchedBytes, 0)
})

test("ids have 1 to 40 bytes", () => {
  const index = new IdIndex()
  assert.ok(insert(index, "x".repeat(40), 1))
  assert.throws(() => insert(index, "x".repeat(41), 1), /VELOZ_ID_LENGTH/)
  assert.throws(() => insert(index, "", 1), /VELOZ_ID_LENGTH/)
})

test("any sequence of inserts and removes leaves what a Map would hold", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = seededRandom(seed)
    const index = new IdIndex(64)
    const map = new Map<string, number>()
    // Few names in a small table: long runs, wrapped around its end, with holes closed in them all the time.
    for (let step = 0; step < 20_000; step++) {
      const id = `o${below(random, 110)}`
      if (random() < 0.5) {
        assert.is(insert(index, id, step), !map.has(id))
        if (!map.has(id)) map.set(id, step)
      } else {
        assert.is(remove(index, id), map.get(id) ?? NO_SLOT)
        map.delete(id)
      }
      assert.is(index.count, map.size)
    }
    for (let i = 0; i < 110; i++) assert.is(find(index, `o${i}`), map.get(`o${i}`) ?? NO_SLOT)
  }
})

function insert(index: IdIndex, id: string, slot: number): boolean {
  return index.insert(asciiBytes(id), 0, id.length, slot)
}

function find(index: IdIndex, id: string): number {
  return index.find(asciiBytes(`--${id}`), 2, id.length)
}

function remove(index: IdIndex, id: string): number {
  return index.remove(asciiBytes(id), 0, id.length)
}

test.run()
