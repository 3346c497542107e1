import { spawn } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { currentTerminal } from "../../../core/cli/terminal.js"
import { childrenOf, nameOf } from "../../support/processes.js"
import { testUnless } from "../../support/skip.js"
import { until } from "../../support/until.js"

test("a terminal is gone when none of the descriptors that led to one still does", () => {
  const terminals = new Set([0, 2])
  const terminal = currentTerminal((descriptor) => terminals.has(descriptor))
  assert.not(terminal.isGone())
  terminals.delete(2)
  assert.not(terminal.isGone())
  terminals.clear()
  assert.ok(terminal.isGone())
})

test("where there was no terminal none is gone", () => {
  assert.not(currentTerminal(() => false).isGone())
})

const hasScript = process.platform === "linux" && existsSync("/usr/bin/script")
const withScript = testUnless(hasScript ? undefined : "/usr/bin/script, which makes terminals, is not installed")

withScript("an engine reloads at SIGHUP, and ends in order when its terminal is closed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "veloz-terminal-"))
  const log = join(folder, "log")
  const engine = `exec ${process.execPath} ${resolve("dist/core/cli/main.js")} start --port 0 2> ${log}`
  const terminal = spawn("/usr/bin/script", ["-qc", engine, "/dev/null"], { cwd: folder, stdio: "ignore" })
  const pid = (): number => childrenOf(terminal.pid!).get("veloz_engine") ?? 0
  const said = (): string => (existsSync(log) ? readFileSync(log, "utf8") : "")
  try {
    await until(() => said().includes("running: "), "that it runs")
    const own = pid()
    process.kill(own, "SIGHUP")
    await until(() => said().includes("nothing changes: generation 1 goes on"), "that it reloads")
    terminal.kill("SIGKILL")
    await until(() => nameOf(own) === undefined, "that it ends with its terminal")
    assert.match(said(), "stopping: SIGHUP, and its terminal is gone")
  } finally {
    terminal.kill("SIGKILL")
    rmSync(folder, { recursive: true })
  }
})

test.run()
