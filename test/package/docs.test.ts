import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { RunningEngine } from "../support/running-engine.js"

// What the pages tell a newcomer to type is typed here. A block that begins with "```sh run" is executed as it is; the
// port that it names stands for the one of an engine that was started for its page.

const PAGES = ["README.md", "docs/tutorial.md", "docs/http.md"]

for (const page of PAGES) {
  let engine: RunningEngine
  const commands = commandsOf(readFileSync(page, "utf8"))

  test(`${page}: an engine trades, for its commands to talk to`, async () => {
    assert.ok(commands.length >= 6, `it has ${commands.length} commands to run`)
    engine = await RunningEngine.start([process.execPath, "dist/core/cli/main.js"], process.cwd())
    await engine.trading()
  })

  for (const command of commands) {
    test(`${page}: ${command.split("\n")[0]}`, () => {
      const output = run(command, engine.port)
      assert.is.not(output.trim(), "")
      if (command.includes("/api/stream")) assert.match(output, /^event: /m)
      else if (command.startsWith("curl")) assert.type(JSON.parse(output), "object")
    })
  }

  test(`${page}: the engine stops`, async () => {
    assert.is(await engine.stop(), 0)
  })
}

test("every file that a page points at is there", () => {
  const missing = markdownFiles().flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target)
      .filter((target) => !target.includes("://") && !existsSync(join(dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  assert.equal(missing, [])
})

test.run()

function markdownFiles(): string[] {
  const below = ["docs", "plugins"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  return ["README.md", ...below.filter((file) => file.endsWith(".md"))]
}

/** Commands, one a line; a line that ends with a backslash goes on in the next. Comments are left out. */
function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh run\n(.*?)^```$/gms)].map(([, block]) => block)
  return blocks
    .join("")
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
}

function run(command: string, port: number): string {
  // An answer of 400 or more is a failure here; that a stream has no end is none.
  const prelude = `curl() { command curl --silent --show-error --fail-with-body "$@" || [[ $? == 28 && "$*" == *--max-time* ]]; }`
  const script = `set -euo pipefail; ${prelude}; ${command.replaceAll("8080", String(port))}`
  return execFileSync("bash", ["-c", script], { encoding: "utf8" })
}
