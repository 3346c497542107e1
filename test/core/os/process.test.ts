import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { testUnless } from "../../support/skip.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "the names are read from /proc")

onLinux("setProcessName changes the name and the command line that other processes see", async () => {
  await withNamedProcess("veloz_engine", (pid, answer) => {
    assert.is(answer, "veloz_engine")
    assert.is(fs.readFileSync(`/proc/${pid}/comm`, "utf8").trim(), "veloz_engine")
    assert.ok(fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("veloz_engine"))
  })
})

onLinux("setProcessName answers with what the kernel kept of a long name", async () => {
  await withNamedProcess("veloz_engine_of_the_north", (_pid, answer) => assert.is(answer, "veloz_engine_of"))
})

testUnless(hasPgrep() ? undefined : "pgrep is not installed")("pgrep -x finds the process by its name", async () => {
  await withNamedProcess("veloz_engine", (pid) => {
    const found = execFileSync("pgrep", ["-x", "veloz_engine"], { encoding: "utf8" }).trim().split("\n")
    assert.ok(found.includes(String(pid)))
  })
})

test.run()

async function withNamedProcess(name: string, body: (pid: number, answer: string) => void): Promise<void> {
  const url = new URL("../../../core/os/process.js", import.meta.url).href
  const code = `import(${JSON.stringify(url)}).then(({ setProcessName }) => console.log(setProcessName(${JSON.stringify(name)})))
    process.stdin.resume()`
  const child = spawn(process.execPath, ["-e", code], { stdio: ["pipe", "pipe", "inherit"] })
  try {
    const [answer] = await once(child.stdout.setEncoding("utf8"), "data")
    body(child.pid ?? 0, answer.trim())
  } finally {
    child.stdin.end()
    await once(child, "exit")
  }
}

function hasPgrep(): boolean {
  try {
    execFileSync("pgrep", ["--version"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}
