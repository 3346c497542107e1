import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"

const root = fileURLToPath(new URL("../../../", import.meta.url))
/** A code where an error is made: as the first argument of its maker, as a member, or at the head of a bug's words. */
const MADE = /(?:Error\(\s*|code: |code = (?="VELOZ_CONFIG_))["`](VELOZ_[A-Z_]+)/g
const DOCUMENTED = /^\| `(VELOZ_[A-Z_]+)` \|/gm

function codesMade(): Map<string, string> {
  const files = ["core", "plugins"].flatMap((folder) => {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    return names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name))
  })
  const made = new Map<string, string>()
  for (const file of files) {
    for (const [, code] of readFileSync(join(root, file), "utf8").matchAll(MADE)) made.set(code, file)
  }
  return made
}

const documented = [...readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(DOCUMENTED)].map(([, code]) => code)

test("every error code that the sources make is documented", () => {
  const made = codesMade()
  assert.ok(made.size > 50, `${made.size} codes were found`)
  const missing = [...made].filter(([code]) => !documented.includes(code)).map(([code, file]) => `${code} (${file})`)
  assert.equal(missing, [], "add them to docs/errors.md")
})

test("no code is documented that nothing makes, and none twice", () => {
  const made = codesMade()
  assert.equal(
    documented.filter((code) => !made.has(code)),
    [],
  )
  assert.is(new Set(documented).size, documented.length)
})

test.run()
