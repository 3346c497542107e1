import { test } from "uvu"
import * as assert from "uvu/assert"
import { asciiBytes } from "../../../core/hot/bytes.js"
import { StringPool } from "../../../core/hot/string-pool.js"
import { below, seededRandom } from "../../support/random.js"

test("a cell gives back the id that was put in, from bytes or from a string", () => {
  const pool = new StringPool(10)
  const bytes = asciiBytes("..veloz-1-000042..")
  const a = pool.add(bytes, 2, 14)
  const b = pool.addText("venue-77")
  assert.is(pool.text(a), "veloz-1-000042")
  assert.is(pool.text(b), "venue-77")
  assert.is(pool.length(a), 14)
})

test("set puts another id into a cell, release gives the cell to the next", () => {
  const pool = new StringPool(10)
  const cell = pool.addText("a-rather-long-client-order-id")
  pool.set(cell, asciiBytes("short"), 0, 5)
  assert.is(pool.text(cell), "short")
  pool.release(cell)
  assert.is(pool.addText("next"), cell)
  assert.is(pool.text(cell), "next")
})

test("equals compares length and bytes", () => {
  const pool = new StringPool(10)
  const cell = pool.addText("order-1")
  assert.ok(pool.equals(cell, asciiBytes("order-1"), 0, 7))
  assert.not(pool.equals(cell, asciiBytes("order-12"), 0, 8))
  assert.not(pool.equals(cell, asciiBytes("order-2"), 0, 7))
})

test("copyTo copies the bytes and answers their length", () => {
  const pool = new StringPool(10)
  const into = new Uint8Array(20)
  assert.is(pool.copyTo(pool.addText("abc"), into, 4), 3)
  assert.equal([...into.subarray(3, 8)], [0, 97, 98, 99, 0])
})

test("ids beyond the capacity live on the heap, count as fallbacks and read the same", () => {
  const pool = new StringPool(2)
  const cells = ["a", "b", "c", "d"].map((text) => pool.addText(text))
  assert.is(pool.slots.fallbacks, 2)
  assert.is(pool.heapCount, 2)
  assert.equal(
    cells.map((cell) => pool.text(cell)),
    ["a", "b", "c", "d"],
  )
  assert.ok(pool.equals(cells[3], asciiBytes("d"), 0, 1))
  pool.set(cells[3], asciiBytes("other"), 0, 5)
  assert.is(pool.text(cells[3]), "other")
  for (const cell of cells) pool.release(cell)
  assert.equal([pool.heapCount, pool.slots.inUse], [0, 0])
})

test("a string that is too long or not ASCII is kept whole", () => {
  const pool = new StringPool(10)
  const long = "x".repeat(41)
  assert.is(pool.text(pool.addText(long)), long)
  assert.is(pool.text(pool.addText("ордер-1")), "ордер-1")
  assert.is(pool.text(pool.addText("x".repeat(40))), "x".repeat(40))
  assert.is(pool.heapCount, 2)
})

test("cells of all segments are kept apart", () => {
  const pool = new StringPool(3000)
  const cells = Array.from({ length: 3000 }, (_, i) => pool.addText(`id-${i}`))
  for (const [i, cell] of cells.entries()) assert.is(pool.text(cell), `id-${i}`)
  assert.is(pool.heapCount, 0)
})

test("ids stay what they are while the pool grows, shrinks, falls back and is touched", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const random = seededRandom(seed)
    const pool = new StringPool(below(random, 100))
    const model = new Map<number, string>()
    for (let step = 0; step < 8000; step++) {
      const action = random()
      if (action < 0.55) {
        const text = `id-${step}`.padEnd(below(random, 44), "x")
        const cell = pool.addText(text)
        assert.not(model.has(cell))
        model.set(cell, text)
      } else if (action < 0.9) {
        const cell = [...model.keys()][below(random, model.size)]
        if (cell === undefined) continue
        pool.release(cell)
        model.delete(cell)
      } else if (action < 0.95) pool.slots.resize(below(random, random() < 0.2 ? 20_000 : 200), random() < 0.5)
      else pool.slots.settle()
      if (step % 1000 === 0) for (const [cell, text] of model) assert.is(pool.text(cell), text)
    }
    for (const [cell, text] of model) assert.is(pool.text(cell), text)
    for (const cell of model.keys()) pool.release(cell)
    assert.equal([pool.slots.inUse, pool.heapCount], [0, 0])
  }
})

test.run()
