import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { isBeingWritten } from "../../../core/os/open-files.js"
import { testUnless } from "../../support/skip.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-open-"))
const file = join(folder, "file")
test.after(() => rmSync(folder, { recursive: true }))

const testOnLinux = testUnless(process.platform === "linux" ? undefined : "only Linux tells who has a file open")

testOnLinux("a file is being written while somebody holds it open for writing", () => {
  writeFileSync(file, "half")
  assert.not(isBeingWritten(file))
  const reader = openSync(file, "r")
  assert.not(isBeingWritten(file))
  const writer = openSync(file, "r+")
  assert.ok(isBeingWritten(file))
  assert.ok(isBeingWritten(file), "asking changes nothing")
  closeSync(writer)
  assert.not(isBeingWritten(file))
  closeSync(reader)
})

test("a file that is not there is not being written, nor is a folder", () => {
  assert.not(isBeingWritten(join(folder, "none")))
  assert.not(isBeingWritten(folder))
})

test.run()
