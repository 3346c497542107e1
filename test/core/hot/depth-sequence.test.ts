import { test } from "uvu"
import * as assert from "uvu/assert"
import { classifyDiff, DIFF_GAP, DIFF_NEXT, DIFF_STALE } from "../../../core/hot/depth-sequence.js"

test("classifyDiff drops a diff that ends at or before the book", () => {
  assert.is(classifyDiff(100, 90, 99), DIFF_STALE)
  assert.is(classifyDiff(100, 90, 100), DIFF_STALE)
  assert.is(classifyDiff(100, 100, 100), DIFF_STALE)
})

test("classifyDiff applies a diff that follows the book or overlaps it", () => {
  assert.is(classifyDiff(100, 101, 101), DIFF_NEXT)
  assert.is(classifyDiff(100, 101, 150), DIFF_NEXT)
  assert.is(classifyDiff(100, 95, 101), DIFF_NEXT)
})

test("classifyDiff reports a gap when an update id is skipped", () => {
  assert.is(classifyDiff(100, 102, 102), DIFF_GAP)
  assert.is(classifyDiff(50093239218, 50093239220, 50093239225), DIFF_GAP)
})

test.run()
