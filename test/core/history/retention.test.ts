import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Attempt } from "../../../core/history/attempt.js"
import { keptAttempts } from "../../../core/history/retention.js"
import { attempt } from "./attempts.js"

/** The newest first, as they are read. */
const many = (count: number, change: (number: number) => Partial<Attempt>): Attempt[] =>
  Array.from({ length: count }, (_, index) => attempt(count - index, change(count - index)))

test("of many attempts the newest 500 generations are kept, and as many of the others", () => {
  const kept = keptAttempts(
    many(10_000, (number) => ({ outcome: number % 2 === 0 ? "committed" : "unchanged" })),
    () => 0,
  )
  assert.is(kept.numbers.size, 1000)
  assert.ok(kept.numbers.has(10_000) && kept.numbers.has(9001) && !kept.numbers.has(9000))
})

test("a night of refused saves drives out no generation", () => {
  const kept = keptAttempts(
    many(10_000, (number) => ({ outcome: number === 1 ? "committed" : "rejected" })),
    () => 0,
  )
  assert.ok(kept.numbers.has(1))
  assert.is(kept.numbers.size, 501)
})

test("what attempts share counts once, and too many bytes cost the oldest", () => {
  const megabyte = 1024 * 1024
  const shared = many(100, () => ({ values: "a", sources: { "veloz.config.ts": "b" } }))
  assert.is(keptAttempts(shared, () => 10 * megabyte).numbers.size, 100)
  const own = many(100, (number) => ({ values: `v${number}` }))
  const kept = keptAttempts(own, () => 10 * megabyte)
  assert.equal([...kept.numbers], [100, 99, 98, 97, 96, 95])
  assert.is(kept.objects.size, 6)
})

test("the generation in force and the one before it stay, whatever they take", () => {
  const own = many(5, (number) => ({ values: `v${number}` }))
  assert.equal([...keptAttempts(own, () => 1024 ** 3).numbers], [5, 4])
})

test.run()
