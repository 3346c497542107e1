import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { readCredentials } from "../../../../plugins/binance/io/credentials.js"

let files = 0
const folder = mkdtempSync(join(tmpdir(), "veloz-keys-"))
test.after(() => rmSync(folder, { recursive: true }))

test("the environment comes first, then the key file, then nobody", () => {
  const file = keyFile('{"key":"file-key","secret":"file-secret"}')
  const environment = { VELOZ_API_KEY: "k", VELOZ_API_SECRET: "s" }
  assert.equal(readCredentials(file, environment), { apiKey: "k", secret: "s" })
  assert.equal(readCredentials(file, { VELOZ_API_KEY: "k" }), { apiKey: "file-key", secret: "file-secret" })
  assert.is(readCredentials(undefined, {}), undefined)
})

test("a private key may stand in the secret's place", () => {
  assert.equal(readCredentials(keyFile('{"key":"k","private_key":"pem"}'), {}), { apiKey: "k", secret: "pem" })
})

test("a key file that others can read, or that holds no keys, is refused without being quoted", () => {
  const cases: [string, number, RegExp][] = [
    ['{"key":"k","secret":"hush"}', 0o644, /mode is 644/],
    ['{"key":"k","secret":"hush"}', 0o640, /mode is 640/],
    ['{"secret":"hush"}', 0o600, /"key" is missing/],
    ['{"key":"k","other":"hush"}', 0o600, /"secret" or "private_key" is missing/],
    ["hush", 0o600, /no JSON object/],
  ]
  for (const [content, mode, reason] of cases) {
    assert.throws(
      () => readCredentials(keyFile(content, mode), {}),
      (error: Error) => reason.test(error.message) && !error.message.includes("hush"),
    )
  }
  assert.throws(() => readCredentials(join(folder, "absent.json"), {}), /ENOENT/)
})

test.run()

function keyFile(content: string, mode = 0o600): string {
  const path = join(folder, `${++files}.json`)
  writeFileSync(path, content, { mode })
  return path
}
