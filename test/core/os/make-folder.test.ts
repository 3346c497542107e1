import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { makeFolder } from "../../../core/os/make-folder.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-folder-"))
test.after(() => rmSync(folder, { recursive: true }))

test("a folder is made with all above it that are missing, and may be there already", () => {
  const deep = join(folder, "a", "b", "c")
  makeFolder(deep, 0o700)
  makeFolder(deep, 0o700)
  for (const made of [join(folder, "a"), deep]) assert.is(statSync(made).mode & 0o777, 0o700)
})

test("a folder that cannot be made is an error, where the system says that there is no such file too", () => {
  for (const wish of ["/proc/no-such-folder", "/proc/no-such-folder/deep"]) {
    assert.match(refusalOf(wish), /^(ENOENT|EACCES): .*'\/proc\/no-such-folder'/)
  }
})

test("a file above is named as what it is", () => {
  writeFileSync(join(folder, "file"), "")
  assert.match(refusalOf(join(folder, "file", "deep")), /^ENOTDIR: /)
})

test.run()

function refusalOf(wish: string): string {
  try {
    makeFolder(wish)
    return "it was made"
  } catch (error) {
    return (error as Error).message
  }
}
