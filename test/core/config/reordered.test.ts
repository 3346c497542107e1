import { test } from "uvu"
import * as assert from "uvu/assert"
import { reordered } from "../../../core/config/reordered.js"

test("names that changed places are told in their new order", () => {
  assert.equal(reordered(["a", "b", "c", "d"], ["a", "c", "b", "d"]), ["c", "b"])
  assert.equal(reordered(["a", "b"], ["a", "b"]), [])
})

test("names that come or go have changed the place of nobody", () => {
  assert.equal(reordered(["a", "b", "c"], ["new", "a", "c"]), [])
  assert.equal(reordered(["gone", "a", "b"], ["b", "new", "a"]), ["b", "a"])
})

test.run()
