import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"

const page = readFileSync("docs/tuning.md", "utf8")
const [catalogue, besideTuned] = page.split("\n## Beside TuneD\n")
const shown = [...page.matchAll(/"([^"]+?)" \(`(test\/[^`]+)`\)/g)].map(([, name, file]) => ({ name, file }))

test("the tables of docs/tuning.md fit the plugins", () => {
  const check = () => execFileSync(process.execPath, ["scripts/generate-tuning.mjs", "--check"], { stdio: "pipe" })
  assert.not.throws(check)
})

test("every cell of a row of the catalogue says something", () => {
  const rows = catalogue.split("\n").filter((line) => /^\| `[\w.]+`/.test(line))
  assert.ok(rows.length >= 55, `${rows.length} rows`)
  const wrong = rows.filter((line) => {
    const cells = line.slice(2, -2).split(" | ")
    return cells.length !== 7 || cells.some((cell) => cell.trim() === "" || cell.includes("undefined"))
  })
  assert.equal(wrong, [])
})

test("every test that docs/tuning.md names is there", () => {
  assert.ok(shown.length >= 20, `${shown.length} tests are named`)
  const missing = shown.filter(({ name, file }) => !existsSync(file) || !readFileSync(file, "utf8").includes(name))
  assert.equal(missing, [])
})

test("what VeloZ does beside TuneD is shown by a test, unless it does not do it", () => {
  const rows = besideTuned
    .split("\n")
    .filter((line) => line.split(" | ").length === 4)
    .slice(1)
  assert.ok(rows.length >= 15, `${rows.length} rows`)
  assert.equal(
    rows.filter((line) => !line.includes("(`test/") && !line.includes(" | no | ")),
    [],
  )
})

test.run()
