import { test } from "uvu"
import * as assert from "uvu/assert"
import { culpritOf } from "../../../core/kernel/stray-errors.js"

const HASH = "0123456789abcdef"

function thrownAt(...places: readonly string[]): Error {
  const error = new Error("it broke")
  error.stack = ["Error: it broke", ...places.map((place) => `    at fn (${place})`)].join("\n")
  return error
}

test("code of a user is found by the bundle that it ran in, wherever its files are", () => {
  const culprit = culpritOf(thrownAt(`/home/me/my engine/plugins/mine.ts?bundle=${HASH.slice(0, 12)}:46:9`))
  assert.is(culprit.kind, "user")
  if (culprit.kind !== "user") return
  assert.is(culprit.file, "/home/me/my engine/plugins/mine.ts")
  assert.equal([culprit.isOf(HASH), culprit.isOf("fedcba987654"), culprit.isOf(undefined)], [true, false, false])
})

test("a user is to blame also where code of ours threw what he called it with", () => {
  const { kind } = culpritOf(thrownAt(import.meta.filename, "/mine.ts?bundle=0123456789ab:1:1"))
  assert.is(kind, "user")
})

test("code of ours is told from code that nobody can tell of", () => {
  assert.is(culpritOf(new Error("here")).kind, "veloz")
  assert.is(culpritOf(thrownAt("node:net:1611:16")).kind, "unknown")
  for (const thrown of ["a text", undefined, null, { stack: 1 }]) assert.is(culpritOf(thrown).kind, "unknown")
})

test.run()
