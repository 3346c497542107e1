import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { variablesOf } from "../../core/config/environment.js"
import { shippedSchemas } from "../../core/config/schemas.js"

/** Variables that set no option. */
const OTHERS = ["VELOZ_API_TOKEN", "VELOZ_API_KEY", "VELOZ_API_SECRET", "VELOZ_DEBUG", "VELOZ_STATE_DIR"]

test("docs/configuration.md lists the environment variables that there are", async () => {
  const page = readFileSync("docs/configuration.md", "utf8")
  const [, section] = page.split("\n## Environment variables\n")
  const listed = section.split("\n## ")[0].match(/VELOZ_[A-Z_]+/g) ?? []
  const known = [...variablesOf(await shippedSchemas()).keys(), ...OTHERS]
  assert.equal([...new Set(listed)].sort(), [...known].sort())
})

test("the tables of docs/configuration.md fit the schemas", () => {
  const check = () => execFileSync(process.execPath, ["scripts/generate-docs.mjs", "--check"], { stdio: "pipe" })
  assert.not.throws(check)
})

test("docs/configuration.md has a row for every option of every plugin", async () => {
  const page = readFileSync("docs/configuration.md", "utf8")
  for (const [name, { properties }] of (await shippedSchemas()).plugins) {
    const [, section] = page.split(`\n### ${name}\n`)
    for (const option of Object.keys(properties ?? {})) assert.match(section.split("\n### ")[0], `\n| \`${option}`)
  }
})

test.run()
