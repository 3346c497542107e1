import { test } from "uvu"
import * as assert from "uvu/assert"
import { formatPath, fromPointer, parsePath, setAt, valueAt } from "../../../core/config/path.js"

test("a path reads as in TypeScript, and back", () => {
  const paths: [string[], string][] = [
    [["plugins", "market-data", "order_book_depth"], "plugins.market-data.order_book_depth"],
    [["plugins", "./plugins/mine.ts", "max"], 'plugins["./plugins/mine.ts"].max'],
    [["symbols", "0"], "symbols[0]"],
    [["plugins", "a", 'say "]"', "b"], 'plugins.a["say \\"]\\""].b'],
  ]
  for (const [keys, text] of paths) {
    assert.is(formatPath(keys), text)
    assert.equal(parsePath(text), keys)
  }
})

test("what is no path is refused", () => {
  for (const text of ["a..b", "a b", "[x]", 'a["b', "."]) assert.is(parsePath(text), undefined, text)
})

test("a pointer unescapes ~1 before ~0", () => {
  assert.equal(fromPointer("/plugins/.~1mine.ts/a~01"), ["plugins", "./mine.ts", "a~1"])
  assert.equal(fromPointer(""), [])
})

test("inherited members are no values", () => {
  assert.is(valueAt({}, ["constructor"]), undefined)
  const tree: Record<string, unknown> = { a: 1 }
  setAt(tree, ["a", "b"], 2)
  assert.equal(tree, { a: { b: 2 } })
})

test("no path reaches a prototype", () => {
  const tree: Record<string, unknown> = {}
  setAt(tree, ["a", "__proto__", "polluted"], true)
  setAt(tree, ["constructor", "prototype", "polluted"], true)
  assert.is((Object.prototype as Record<string, unknown>).polluted, undefined)
  assert.is(valueAt(tree, ["a", "__proto__", "polluted"]), true)
})

test.run()
