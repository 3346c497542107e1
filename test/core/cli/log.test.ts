import { test } from "uvu"
import * as assert from "uvu/assert"
import { createLog, type LogFormat, type LogLevel } from "../../../core/cli/log.js"
import type { Log } from "../../../core/kernel/contract.js"

test("a JSON line holds level, time, message and details", async () => {
  const [line] = await lines("json", "info", (log) => log.info("started", { port: 8080 }))
  const { time, ...rest } = JSON.parse(line)
  assert.equal(rest, { level: "info", msg: "started", port: 8080 })
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000)
})

test("a pretty line is for reading: time, level, message, details", async () => {
  const [line] = await lines("pretty", "info", (log) => log.warn("slow", { stage: "risk check", us: 12.5 }))
  assert.match(line, /^\d\d:\d\d:\d\d\.\d{3} warn {2}slow {2}stage="risk check" {2}us=12\.5\n$/)
})

test("colours are for a terminal, unless the user says otherwise, and never for what collects logs", async () => {
  const isColoured = async (format: LogFormat, stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv) => {
    return (await lines(format, "info", (log) => log.warn("slow"), { ...stream, env }))[0].includes("\u001b[")
  }
  const terminal = { isTTY: true }
  assert.ok(await isColoured("pretty", terminal, {}))
  assert.ok(await isColoured("pretty", {}, { FORCE_COLOR: "1" }))
  assert.not(await isColoured("pretty", {}, { CI: "1" }))
  assert.not(await isColoured("pretty", terminal, { NO_COLOR: "1" }))
  assert.not(await isColoured("pretty", terminal, { FORCE_COLOR: "0" }))
  assert.not(await isColoured("pretty", terminal, { TERM: "dumb" }))
  assert.not(await isColoured("json", terminal, { FORCE_COLOR: "1" }))
})

test("messages below the level are not printed", async () => {
  const say = (log: Log) => {
    log.debug("a")
    log.info("b")
    log.warn("c")
    log.error("d")
  }
  assert.is((await lines("json", "debug", say)).length, 4)
  assert.is((await lines("json", "warn", say)).length, 2)
  assert.is((await lines("pretty", "error", say)).length, 1)
})

test.run()

async function lines(
  format: LogFormat,
  level: LogLevel,
  say: (log: Log) => void,
  { isTTY, env = {} }: { isTTY?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<string[]> {
  const written: string[] = []
  say(await createLog({ format, level, stream: { write: (text) => written.push(text), isTTY }, env }))
  return written
}
