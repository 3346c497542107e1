import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { makeFolder } from "../../../core/os/make-folder.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-folder-"))
test.after(() => rmSync(folder, { recursive: true }))

test("a folder is made with all above it that are missing, and may be there already", async () => {
  const deep = join(folder, "a", "b", "c")
  await makeFolder(deep, 0o700)
  await makeFolder(deep, 0o700)
  for (const made of [join(folder, "a"), deep]) assert.is(statSync(made).mode & 0o777, 0o700)
})

test("several may make the same folder at once", async () => {
  const deep = join(folder, "d", "e", "f")
  await Promise.all(Array.from({ length: 20 }, () => makeFolder(deep)))
  assert.ok(statSync(deep).isDirectory())
})

test("a folder that cannot be made is an error, where the system says that there is no such file too", async () => {
  for (const wish of ["/proc/no-such-folder", "/proc/no-such-folder/deep"]) {
    assert.match(await refusalOf(wish), /^(ENOENT|EACCES): .*'\/proc\/no-such-folder'/)
  }
})

test("a file above is named as what it is", async () => {
  writeFileSync(join(folder, "file"), "")
  assert.match(await refusalOf(join(folder, "file", "deep")), /^ENOTDIR: /)
})

test.run()

async function refusalOf(wish: string): Promise<string> {
  return makeFolder(wish).then(
    () => "it was made",
    (error: Error) => error.message,
  )
}
