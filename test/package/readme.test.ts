import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { RunningEngine } from "../support/running-engine.js"

// What the README tells a newcomer to type is typed here. A block that begins with "```sh run" is executed as it is;
// the port that it names stands for the one of an engine that was started for the test.

const README = readFileSync("README.md", "utf8")
const COMMANDS = [...README.matchAll(/^```sh run\n(.*?)^```$/gms)].flatMap(([, block]) => commandsOf(block))

let engine: RunningEngine

test.before(async () => {
  engine = await RunningEngine.start([process.execPath, "dist/core/cli/main.js"], process.cwd())
  await engine.trading()
})

test.after(async () => {
  assert.is(await engine?.stop(), 0)
})

test("the README has commands to run", () => {
  assert.ok(COMMANDS.length >= 6, `it has ${COMMANDS.length}`)
})

for (const command of COMMANDS) {
  test(`README: ${command.split("\n")[0]}`, () => {
    const output = run(command)
    assert.is.not(output.trim(), "")
    if (command.startsWith("curl")) assert.type(JSON.parse(output), "object")
  })
}

test("every file that the README points at is there", () => {
  const links = [...README.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].map(([, target]) => target)
  const missing = links.filter((target) => !target.includes("://") && !existsSync(target))
  assert.equal(missing, [])
})

test.run()

/** Commands, one a line; a line that ends with a backslash goes on in the next. Comments are left out. */
function commandsOf(block: string): string[] {
  return block
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
}

function run(command: string): string {
  // An answer of 400 or more is a failure here.
  const prelude = `curl() { command curl --silent --show-error --fail-with-body "$@"; }`
  const script = `set -euo pipefail; ${prelude}; ${command.replaceAll("8080", String(engine.port))}`
  return execFileSync("bash", ["-c", script], { encoding: "utf8" })
}
