import { test } from "uvu"
import * as assert from "uvu/assert"
import { classifyDiff, classifyFirstDiff, DIFF_GAP, DIFF_NEXT, DIFF_STALE } from "../../../core/hot/depth-sequence.js"

for (const [name, classify] of Object.entries({ classifyDiff, classifyFirstDiff })) {
  test(`${name} drops a diff that ends at or before the book`, () => {
    assert.is(classify(100, 90, 99), DIFF_STALE)
    assert.is(classify(100, 90, 100), DIFF_STALE)
    assert.is(classify(100, 100, 100), DIFF_STALE)
  })

  test(`${name} applies a diff that follows the book or overlaps it`, () => {
    assert.is(classify(100, 101, 101), DIFF_NEXT)
    assert.is(classify(100, 101, 150), DIFF_NEXT)
    assert.is(classify(100, 95, 101), DIFF_NEXT)
  })

  test(`${name} reports a gap when an update id is skipped`, () => {
    assert.is(classify(100, 102, 102), DIFF_GAP)
    assert.is(classify(50093239218, 50093239220, 50093239225), DIFF_GAP)
  })
}

test.run()
