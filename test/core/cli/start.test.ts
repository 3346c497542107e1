import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import net from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { freePort, RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"

const MAIN = [process.execPath, resolve("dist/core/cli/main.js")]
const withProc = testUnless(existsSync("/proc/net/tcp") ? undefined : "this system has no /proc")

// Without a configuration file: what a newcomer has who starts in an empty folder.
const folder = mkdtempSync(join(tmpdir(), "veloz-start-"))
test.after(() => rmSync(folder, { recursive: true }))

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} ends an engine with exit code 0, and its port is free again`, async () => {
    const engine = await RunningEngine.start(MAIN, folder)
    assert.is(await engine.stop(signal), 0)
    assert.match(engine.output, `stopping: ${signal}`)
    const server = net.createServer().listen(engine.port, "127.0.0.1")
    await once(server, "listening")
    server.close()
  })
}

withProc("the process calls itself veloz_engine", async () => {
  const engine = await RunningEngine.start(MAIN, folder)
  const comm = readFileSync(`/proc/${engine.process.pid}/comm`, "utf8").trim()
  await engine.stop()
  assert.is(comm, "veloz_engine")
})

withProc("a port that is taken ends the start with exit code 1 and a sentence that names the holder", async () => {
  const server = net.createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as net.AddressInfo
  const { code, printed } = await run("start", "--port", String(port))
  server.close()
  assert.is(code, 1)
  assert.match(printed, `cannot listen on 127.0.0.1:${port}`)
  assert.match(printed, `(pid ${process.pid})`)
  assert.not.match(printed, /\n\s+at /)
})

test("an option that does not exist ends the start with exit code 1 and the nearest name", async () => {
  const port = await freePort()
  const { code, printed } = await run("start", "--port", String(port), "--set", "plugins.market-data.order_book_dept=3")
  assert.is(code, 1)
  assert.match(printed, "order_book_depth")
  assert.not.match(printed, /\n\s+at .*\.js:\d/)
})

test("a configuration file that is named and not there is told so", async () => {
  const { code, printed } = await run("start", "--config", "nowhere.config.ts")
  assert.is(code, 1)
  assert.match(printed, "nowhere.config.ts")
})

test.run()

async function run(...words: string[]): Promise<{ code: number; printed: string }> {
  const [program, ...flags] = MAIN
  const child = spawn(program, [...flags, ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] })
  let printed = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      printed += text
    })
  }
  const [code] = await once(child, "close")
  return { code, printed }
}
