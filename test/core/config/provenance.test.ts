import { test } from "uvu"
import * as assert from "uvu/assert"
import { Provenance } from "../../../core/config/provenance.js"

function run(code: string): { value: Record<string, unknown>; provenance: Provenance } {
  const provenance = new Provenance(code)
  const names = Object.keys(provenance.scope)
  const value = new Function(...names, `${provenance.code}\nreturn value`)(...Object.values(provenance.scope))
  return { value, provenance }
}

/** The text that starts where a member was written. */
function textFinder(code: string, provenance: Provenance) {
  return (object: unknown, key: string, part: "key" | "value" = "value"): string | undefined => {
    const offset = provenance.offsetOf(object, key, part)
    return offset === undefined ? undefined : code.slice(offset).split(/[,\s})]/)[0]
  }
}

test("the wrapped code does what the original does", () => {
  const code = `
    const inner = { a: 1, "b c": [1, , ...[2, 3]], get d() { return [this.a] }, ["e" + 1]: {} }
    const { a, ...rest } = { ...inner, a: 2 };
    [rest.f, rest.g] = [a, { ...null, ...undefined }]
    const value = { ...{ x: 0 }, rest, made: ((n) => ({ n }))(7) }`
  assert.equal(run(code).value, new Function(`${code}\nreturn value`)())
})

test("a spread copies where members were written, and a later member replaces it", () => {
  const code = "const base = { a: 10, b: 11 }\nconst value = { b: 20, ...base, a: 30, ...{ c: 40 } }"
  const { value, provenance } = run(code)
  const textAt = textFinder(code, provenance)
  assert.is(textAt(value, "a"), "30")
  assert.is(textAt(value, "b"), "11")
  assert.is(textAt(value, "c"), "40")
  assert.is(textAt(value, "c", "key"), "c:")
  assert.is(textAt(value, "d"), undefined)
})

test("each object of a factory is known, and so are the items of lists", () => {
  const code = "const make = (n) => ({ list: [n, 2] })\nconst value = { one: make(1), two: make(2) }"
  const { value, provenance } = run(code)
  const textAt = textFinder(code, provenance)
  const { one, two } = value as Record<string, { list: unknown[] }>
  assert.is(textAt(one, "list"), "[n")
  assert.is(textAt(two.list, "1"), "2]")
})

test("a column of the wrapped code is found in the original", () => {
  const code =
    "const mark0 = [1, { a: [2] }]; const mark1 = { ...{ b: 1 }, mark2: [mark0] }\nconst value = [mark1, { mark3: {} }]"
  const provenance = new Provenance(code)
  const wrappedLines = provenance.code.split("\n")
  for (const [index, line] of code.split("\n").entries()) {
    for (const match of line.matchAll(/mark\d/g)) {
      const occurrence = [...line.slice(0, match.index).matchAll(new RegExp(match[0], "g"))].length
      const wrapped = [...wrappedLines[index].matchAll(new RegExp(match[0], "g"))][occurrence]
      assert.is(provenance.originalColumn(index + 1, wrapped.index + 1), match.index + 1, match[0])
    }
  }
})

test.run()
