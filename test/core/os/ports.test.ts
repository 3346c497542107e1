import { spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import net from "node:net"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { describePortHolder, findPortHolder } from "../../../core/os/ports.js"
import { testUnless } from "../../support/skip.js"

const withProc = testUnless(fs.existsSync("/proc/net/tcp") ? undefined : "this system has no /proc/net/tcp")

withProc("findPortHolder names this process as the holder of a port that it listens on", async () => {
  await listening("127.0.0.1", (port) => {
    const holder = findPortHolder(port, "127.0.0.1")
    assert.is(holder?.pid, process.pid)
    assert.is(holder?.address, "127.0.0.1")
    assert.is(holder?.port, port)
    assert.is(holder?.name, fs.readFileSync("/proc/self/comm", "utf8").trim())
  })
})

withProc("findPortHolder finds a holder in another process by the name that it gave itself", async () => {
  const code = `process.title = "veloz_holder"
    require("net").createServer().listen(0, "127.0.0.1", function () { console.log(this.address().port) })`
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] })
  try {
    const [line] = await once(child.stdout.setEncoding("utf8"), "data")
    const port = Number(line)
    assert.is(describePortHolder(port, "127.0.0.1"), `veloz_holder (pid ${child.pid})`)
  } finally {
    child.kill()
    await once(child, "exit")
  }
})

withProc("a listener on every address holds the port of each one", async () => {
  await listening("0.0.0.0", (port) => {
    assert.is(findPortHolder(port, "127.0.0.1")?.address, "0.0.0.0")
    assert.is(findPortHolder(port, "localhost")?.pid, process.pid)
  })
})

withProc("a listener on one address leaves the others free", async () => {
  await listening("127.0.0.1", (port) => {
    assert.is(findPortHolder(port, "127.0.0.2"), undefined)
    assert.is(findPortHolder(port, "0.0.0.0")?.pid, process.pid)
  })
})

withProc("a port that nobody listens on has no holder", async () => {
  let freed = 0
  await listening("127.0.0.1", (port) => {
    freed = port
  })
  assert.is(findPortHolder(freed, "127.0.0.1"), undefined)
})

test("IPv6 listeners are read from tcp6, an IPv4 address mapped into IPv6 as IPv4", () => {
  withFakeProc(
    {
      "net/tcp6": [
        "   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 501 1 0",
        "   1: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 502 1 0",
        "   2: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 503 1 0",
      ],
    },
    (root) => {
      assert.is(findPortHolder(8080, "::1", root)?.address, "::1")
      assert.is(findPortHolder(8080, "0:0:0:0:0:0:0:1", root)?.uid, 1000)
      assert.is(findPortHolder(8080, "127.0.0.1", root), undefined)
      assert.is(findPortHolder(8081, "127.0.0.1", root)?.address, "127.0.0.1")
      assert.is(findPortHolder(8082, "127.0.0.1", root)?.address, "::")
    },
  )
})

test("connections that are not listening are nobody's hold on a port", () => {
  const line = "   0: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 77 1 0"
  withFakeProc({ "net/tcp": [line] }, (root) => assert.is(findPortHolder(8080, "127.0.0.1", root), undefined))
})

test("a holder whose process may not be looked at is told by its user", () => {
  const line = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 77 1 0"
  withFakeProc({ "net/tcp": [line] }, (root) => {
    const holder = findPortHolder(8080, "127.0.0.1", root)
    assert.equal(holder, { address: "127.0.0.1", port: 8080, uid: 33, pid: undefined, name: undefined })
    assert.is(
      describePortHolder(8080, "127.0.0.1", holder),
      "a process of another user (uid 33) or of another container",
    )
  })
})

test("without /proc nobody is named", () => {
  assert.is(findPortHolder(8080, "127.0.0.1", "/nowhere"), undefined)
})

test.run()

async function listening(host: string, body: (port: number) => void): Promise<void> {
  const server = net.createServer().listen(0, host)
  await once(server, "listening")
  try {
    body((server.address() as net.AddressInfo).port)
  } finally {
    server.close()
    await once(server, "close")
  }
}

function withFakeProc(files: Record<string, string[]>, body: (root: string) => void): void {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "veloz-proc-"))
  try {
    for (const [name, lines] of Object.entries(files)) {
      fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true })
      fs.writeFileSync(path.join(root, name), ["  sl  local_address ...", ...lines, ""].join("\n"))
    }
    body(root)
  } finally {
    fs.rmSync(root, { recursive: true })
  }
}
