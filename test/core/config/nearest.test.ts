import { test } from "uvu"
import * as assert from "uvu/assert"
import { editDistance, nearest, nearestFirst } from "../../../core/config/nearest.js"

const OPTIONS = ["update_throttle_us", "order_book_depth", "conflate_updates"]

test("the nearest name is found through slips, case and separators", () => {
  assert.is(nearest("order_book_dept", OPTIONS), "order_book_depth")
  assert.is(nearest("orderBookDepth", OPTIONS), "order_book_depth")
  assert.is(nearest("conflate-update", OPTIONS), "conflate_updates")
})

test("a name that is far from all is given no guess", () => {
  assert.is(nearest("colour", OPTIONS), undefined)
  assert.is(nearest("x", []), undefined)
})

test("all candidates are told, the nearest first", () => {
  assert.equal(nearestFirst("conflate", OPTIONS), ["conflate_updates", "order_book_depth", "update_throttle_us"])
  assert.equal(nearestFirst("x", []), [])
})

test("neighbours that changed places are one slip", () => {
  assert.is(editDistance("prot", "port"), 1)
  assert.is(editDistance("", "abc"), 3)
  assert.is(editDistance("same", "same"), 0)
})

test.run()
