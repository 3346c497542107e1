import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVeloz as veloz } from "../../support/run-veloz.js"

const VERSION = JSON.parse(readFileSync("package.json", "utf8")).version

test("--version prints the package's version and nothing else", async () => {
  assert.equal(await veloz("--version"), { code: 0, out: `${VERSION}\n`, err: "" })
})

test("without a command the help is printed, and it lists what there is", async () => {
  const { code, out, err } = await veloz()
  assert.is(code, 0)
  assert.is(err, "")
  assert.match(out, /Usage: veloz/)
  assert.match(out, /^ {2}start /m)
})

test("an unknown command is refused with the nearest name", async () => {
  const { code, out, err } = await veloz("strat")
  assert.is(code, 1)
  assert.is(out, "")
  assert.match(err, "unknown command 'strat'")
  assert.match(err, "Did you mean start?")
})

test("an unknown option is refused with the nearest name", async () => {
  const { code, err } = await veloz("start", "--prot", "8080")
  assert.is(code, 1)
  assert.match(err, "unknown option '--prot'")
  assert.match(err, "Did you mean --port?")
})

for (const port of ["99999", "-1", "80a", ""]) {
  test(`"${port}" is no port`, async () => {
    const { code, err } = await veloz("start", `--port=${port}`)
    assert.is(code, 1)
    assert.match(err, "A port is a number from 0 to 65535.")
  })
}

test("--set without an equals sign is refused", async () => {
  const { code, err } = await veloz("start", "--set", "plugins.alerts")
  assert.is(code, 1)
  assert.match(err, "It is a path, an equals sign and a value.")
})

test("a log level that does not exist is refused with those that do", async () => {
  const { code, err } = await veloz("start", "--log-level", "loud")
  assert.is(code, 1)
  assert.match(err, "debug, info, warn, error")
})

test("a word too many is refused, and the help of a command is printed", async () => {
  assert.is((await veloz("start", "now")).code, 1)
  const help = await veloz("help", "start")
  assert.is(help.code, 0)
  assert.match(help.out, "--config <file>")
})

test.run()
