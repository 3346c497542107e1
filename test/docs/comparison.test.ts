import { existsSync, readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"

// docs/comparison.md says by which test each of its claims is shown: - "the test's name" (`its file`)

const page = readFileSync("docs/comparison.md", "utf8")
const shown = [...page.matchAll(/^- "(.+?)" \(`(test\/[^`]+)`\)/gm)].map(([, name, file]) => ({ name, file }))
const sections = page.split(/^## /m).slice(1)

test("every test that docs/comparison.md names is there", () => {
  assert.ok(shown.length >= 40, `${shown.length} tests are named`)
  const missing = shown.filter(({ name, file }) => !existsSync(file) || !readFileSync(file, "utf8").includes(name))
  assert.equal(missing, [])
})

test("every comparison has the four others, VeloZ, and a test", () => {
  const compared = sections.filter((section) => section.includes("| VeloZ |"))
  assert.is(compared.length, 12)
  for (const section of compared) {
    for (const name of ["Vite", "Caddy", "Vector", "Collector"]) assert.match(section, `\n| ${name} | `)
    assert.match(section, /^- ".+" \(`test\//m)
  }
})

test.run()
