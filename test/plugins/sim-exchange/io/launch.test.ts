import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { createServer } from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type ExchangeExit, launchExchange } from "../../../../plugins/sim-exchange/io/launch.js"
import { Client, signed } from "../support.js"

test("the exchange runs as a process of its own, with a secret that its parent alone knows", async () => {
  const exchange = await launchExchange({})
  assert.is.not(exchange.pid, process.pid)
  assert.match(exchange.apiSecret, /^[0-9a-f]{64}$/)
  if (process.platform === "linux") {
    const commandLine = readFileSync(`/proc/${exchange.pid}/cmdline`, "utf8")
    assert.match(commandLine, /^veloz_exchange/)
    assert.not.match(commandLine, exchange.apiSecret)
  }
  const api = await Client.open(`ws://${exchange.host}:${exchange.port}/ws-api/v3`)
  const answer = await api.ask("account.status", signed({ apiKey: exchange.apiKey }, exchange.apiSecret))
  assert.is(answer.status, 200)
  await exchange.close()
  await api.closed()
  assert.not.ok(isAlive(exchange.pid))
})

test("closing twice is closing once, and is no surprise to the caller", async () => {
  const exits: ExchangeExit[] = []
  const exchange = await launchExchange({}, (exit) => exits.push(exit))
  await exchange.close()
  await exchange.close()
  assert.equal(exits, [])
})

test("its sudden end is told", async () => {
  let tell = (_exit: ExchangeExit) => {}
  const told = new Promise<ExchangeExit>((resolve) => {
    tell = resolve
  })
  const exchange = await launchExchange({}, (exit) => tell(exit))
  process.kill(exchange.pid, "SIGKILL")
  assert.equal(await told, { code: null, signal: "SIGKILL" })
  await exchange.close()
})

test("a port that is taken is the reason that the launch fails with", async () => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { port: number }
  const message = await launchExchange({ port }).then(
    () => "",
    (error) => error.message,
  )
  assert.match(message, `127.0.0.1:${port}: the port is taken`)
  server.close()
})

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  test(`it ends when its parent is ended by ${signal}`, async () => {
    const parent = startParent()
    const [pid] = await once(parent, "message")
    assert.ok(isAlive(pid))
    parent.kill(signal)
    await once(parent, "exit")
    await gone(pid)
  })
}

// A parent of its own, so that it can be killed.
function startParent(): ChildProcess {
  const launch = new URL("../../../../plugins/sim-exchange/io/launch.js", import.meta.url).href
  const code = `import(${JSON.stringify(launch)}).then(async ({ launchExchange }) => process.send((await launchExchange({})).pid))`
  return spawn(process.execPath, ["-e", code], { stdio: ["ignore", "inherit", "inherit", "ipc"] })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch {
    return false
  }
}

// Where nobody reaps orphans, an ended process stays listed.
function isZombie(pid: number): boolean {
  if (process.platform !== "linux") return false
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].startsWith("Z")
}

async function gone(pid: number): Promise<void> {
  for (let i = 0; i < 500 && isAlive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.not.ok(isAlive(pid), `process ${pid} outlived its parent`)
}

test.run()
