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
  assert.match(plain(line), /^\d\d:\d\d:\d\d\.\d{3} warn {2}slow {2}stage="risk check" {2}us=12\.5\n$/)
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

async function lines(format: LogFormat, level: LogLevel, say: (log: Log) => void): Promise<string[]> {
  const written: string[] = []
  say(await createLog({ format, level, stream: { write: (text) => written.push(text) } }))
  return written
}

function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with an escape character
  return text.replace(/\u001b\[\d+m/g, "")
}
