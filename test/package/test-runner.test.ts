import { spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { IN_NAMESPACE, namespaceObstacle } from "../support/namespace.js"
import { testUnless } from "../support/skip.js"

const UVU = import.meta.resolve("uvu")
const PASSES = `test("passes", () => {})`
const FAILS = `test("fails", () => { throw new Error("as it should") })`

test("the last line counts the passed and the failed tests of all files, and failure exits 1", async () => {
  const { code, lines, output } = await runTests({
    "a.test.js": suite(PASSES, PASSES),
    "b/c.test.js": suite(PASSES, FAILS),
  })
  assert.is(lines.at(-1), "3 passed, 1 failed")
  assert.is(code, 1)
  assert.match(output, "as it should")
})

test("when all pass the exit code is 0 and what they print is kept back", async () => {
  const { code, lines, output } = await runTests({ "a.test.js": suite(PASSES, `console.log("chatter")`) })
  assert.is(lines.at(-1), "1 passed, 0 failed")
  assert.is(code, 0)
  assert.not.match(output, "chatter")
})

test("--verbose shows what passing files print", async () => {
  const { output } = await runTests({ "a.test.js": suite(PASSES, `console.log("chatter")`) }, ["--verbose"])
  assert.match(output, "chatter")
})

test("skipped tests are counted, with the reason where they print one", async () => {
  const reasoned = suite(PASSES, `console.log("skipped: it sails: there is no wind"); test.skip("it sails")`)
  const { code, lines, output } = await runTests({
    "a.test.js": reasoned,
    "b.test.js": suite(PASSES, `test.skip("x")`),
  })
  assert.is(lines.at(-1), "2 passed, 0 failed, 2 skipped")
  assert.is(code, 0)
  assert.match(output, "skipped: it sails: there is no wind")
  assert.match(output, "skipped: 1 without a reason")
})

test("a file that breaks off before its summary is one failed test", async () => {
  const files = {
    "throws.test.js": `throw new Error("broken")`,
    "forgets.test.js": suite(PASSES).replace("test.run()", ""),
    "leaves.test.js": suite(`test("leaves", () => process.exit(0))`),
    "hangs.test.js": suite(`test("waits for nothing", () => new Promise(() => {}))`),
  }
  const { code, lines, output } = await runTests(files)
  assert.is(lines.at(-1), "0 passed, 4 failed")
  assert.is(code, 1)
  assert.match(output, "has it called test.run()?")
})

test("a file that exits with an error after passing tests is a failure", async () => {
  const { code, lines } = await runTests({
    "a.test.js": suite(PASSES, "process.on('exit', () => { process.exitCode = 3 })"),
  })
  assert.is(lines.at(-1), "1 passed, 1 failed")
  assert.is(code, 1)
})

test("a file that runs too long is stopped with everything it started, and named", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "veloz-runner-"))
  const pidFile = path.join(folder, "pid")
  const endless = suite(`test("endless", async () => {
    const { spawn } = await import("node:child_process")
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"])
    ;(await import("node:fs")).writeFileSync(${JSON.stringify(pidFile)}, String(child.pid))
    await new Promise((resolve) => setTimeout(resolve, 60_000))
  })`)
  const { code, lines, output } = await runTests({ "endless.test.js": endless }, ["--timeout", "2"])
  assert.is(lines.at(-1), "0 passed, 1 failed")
  assert.is(code, 1)
  assert.match(output, /endless\.test.*did not end within 2 s/)
  assert.ok(await isGone(Number(fs.readFileSync(pidFile, "utf8"))), "the child of the test still runs")
  fs.rmSync(folder, { recursive: true })
})

test("words choose files by a part of their path, and no match is a failure", async () => {
  const files = { "core/a.test.js": suite(PASSES), "plugins/b.test.js": suite(PASSES, PASSES) }
  assert.is((await runTests(files, ["test/core"])).lines.at(-1), "1 passed, 0 failed")
  assert.is((await runTests(files, ["core", "b.test"])).lines.at(-1), "3 passed, 0 failed")
  const none = await runTests(files, ["nowhere"])
  assert.is(none.lines.at(-1), "0 passed, 0 failed")
  assert.match(none.output, "no test file")
  assert.is(none.code, 1)
})

test("when every test is skipped nothing was shown, and that is a failure", async () => {
  const { code, lines } = await runTests({ "a.test.js": suite(`test.skip("x")`) })
  assert.is(lines.at(-1), "0 passed, 0 failed, 1 skipped")
  assert.is(code, 1)
})

testUnless(namespaceObstacle())("tests that leave a value of the machine changed fail, with its name", async () => {
  const sets = (value: number) =>
    `test("sets", async () => (await import("node:fs")).writeFileSync("/proc/sys/net/ipv4/tcp_fin_timeout", "${value}"))`
  const { code, lines, output } = await runTests({ "a.test.js": suite(sets(33)) }, [], IN_NAMESPACE)
  assert.match(output, 'a test has changed this machine: /proc/sys/net/ipv4/tcp_fin_timeout was "60" and is "33"')
  assert.is(lines.at(-1), "1 passed, 0 failed")
  assert.is(code, 1)
  const tidy = await runTests({ "a.test.js": suite(sets(33), sets(60)) }, [], IN_NAMESPACE)
  assert.is(tidy.code, 0, "what is put back is no change")
})

test.run()

function suite(...statements: string[]): string {
  return [`import { test } from ${JSON.stringify(UVU)}`, ...statements, "test.run()"].join("\n")
}

async function runTests(files: Record<string, string>, words: string[] = [], before: readonly string[] = []) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "veloz-runner-"))
  try {
    fs.writeFileSync(path.join(folder, "package.json"), `{ "type": "module" }`)
    for (const [name, code] of Object.entries(files)) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
      fs.writeFileSync(path.join(folder, name), code)
    }
    const [program, ...rest] = [...before, process.execPath, "scripts/test.mjs", "--folder", folder, ...words]
    const child = spawn(program, rest)
    let output = ""
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text
    })
    const [code] = await once(child, "close")
    return { code: code as number, output, lines: output.trimEnd().split("\n") }
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      process.kill(pid, 0)
    } catch {
      return true
    }
    // A process that was ended and not yet waited for by its new parent still has a number.
    if (readState(pid) === "Z") return true
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  return false
}

function readState(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1][0]
  } catch {
    return undefined
  }
}
