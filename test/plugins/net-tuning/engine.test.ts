import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { NetTuningOptions, SocketOptionName, TunableReading } from "veloz"
import type { SocketReading } from "../../../plugins/net-tuning/socket.js"
import { buffersOf, hasSs, type OutsideSocket, optionOf, socketsOf } from "../../support/outside-sockets.js"
import { childrenOf } from "../../support/processes.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"
import { TOPOLOGIES } from "../../support/topologies.js"
import { receiveLimit, TAKES_BACK } from "./support.js"

// A whole engine; what it says of its sockets is compared with what the system says of them.

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const onLinux = testUnless(
  process.platform !== "linux" ? "sockets are looked up in /proc" : hasSs() ? undefined : "there is no ss (iproute2)",
)

interface Answer {
  readonly error?: string
  readonly field?: string
  readonly network_config: NetTuningOptions
}

/** A socket as the engine tells of it, and as the system does. */
interface Seen {
  readonly told: SocketReading
  readonly outside: OutsideSocket
}

class TunedEngine {
  readonly #cwd = mkdtempSync(join(tmpdir(), "veloz-sockets-"))
  engine!: RunningEngine

  constructor(private readonly topology: string) {}

  save(options: Partial<NetTuningOptions>): void {
    const plugins = { "net-tuning": options, quoter: { orders_per_second: 20 } }
    const config = { presets: ["low-latency"], topology: this.topology, plugins }
    writeFileSync(join(this.#cwd, "veloz.config.json"), JSON.stringify(config))
  }

  async start(): Promise<void> {
    this.engine = await RunningEngine.start(COMMAND, this.#cwd)
  }

  async post(path: string, body: string): Promise<{ status: number; body: Answer }> {
    const headers = { "content-type": "application/json" }
    const answer = await fetch(this.engine.url + path, { method: "POST", headers, body })
    return { status: answer.status, body: (await answer.json()) as Answer }
  }

  get pid(): number {
    return this.engine.process.pid!
  }

  /** Both venue connections, once they are open and are as the test wants them. */
  async sockets(isSo: (reading: SocketReading) => boolean): Promise<Seen[]> {
    let readings: SocketReading[] = []
    for (let attempt = 0; attempt < 1200; attempt += 1) {
      readings = (await this.engine.get("/api/metrics/network")).sockets as SocketReading[]
      if (readings.length === 2 && readings.every(isSo)) return readings.map((told) => this.#seen(told))
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error(`it did not come true in thirty seconds: ${JSON.stringify(readings)}\n${this.engine.output}`)
  }

  #seen(told: SocketReading): Seen {
    const outside = socketsOf(this.pid).find(({ local }) => local === told.local)
    if (outside === undefined) throw new Error(`the process has no socket ${told.local}`)
    return { told, outside }
  }

  async end(): Promise<void> {
    await this.engine?.stop("SIGKILL")
    rmSync(this.#cwd, { recursive: true })
  }
}

async function withEngine(
  topology: string,
  options: Partial<NetTuningOptions>,
  body: (tuned: TunedEngine) => Promise<void>,
): Promise<void> {
  const tuned = new TunedEngine(topology)
  tuned.save(options)
  try {
    await tuned.start()
    await body(tuned)
  } finally {
    await tuned.end()
  }
}

/** What the system says of each socket is what the engine said. */
function agree(pid: number, seen: readonly Seen[]): void {
  for (const { told, outside } of seen) {
    assert.is(outside.peer, told.peer)
    const { receiveBytes, sendBytes } = buffersOf(outside)
    if (!told.recv_buffer.autotuned) assert.is(receiveBytes, told.recv_buffer.kernel_bytes)
    if (!told.send_buffer.autotuned) assert.is(sendBytes, told.send_buffer.kernel_bytes)
    const noDelay = optionOf(pid, outside, "TCP_NODELAY")
    if (noDelay === undefined) console.log("not compared: TCP_NODELAY, which this system shows to no other process")
    else assert.is(noDelay !== 0, told.tcp_nodelay)
    if (told.keepalive.enabled !== true) assert.is(outside.keepAliveMs, undefined)
  }
}

for (const topology of TOPOLOGIES) {
  onLinux(`${topology}: the options are in force on the venue's sockets, as the system itself sees them`, async () => {
    const options = { recv_buffer: 1_073_741_824, send_buffer: 150_000, keepalive_interval: 9 }
    await withEngine(topology, options, async (tuned) => {
      const seen = await tuned.sockets(({ keepalive }) => keepalive.idle_seconds === 9)
      agree(tuned.pid, seen)
      for (const { told, outside } of seen) {
        const limit = receiveLimit() ?? told.recv_buffer.actual!
        assert.equal([told.recv_buffer.actual, told.send_buffer.actual], [limit, 150_000])
        assert.match(told.recv_buffer.note!, "net.core.rmem_max")
        assert.equal(buffersOf(outside), { receiveBytes: 2 * limit, sendBytes: 300_000 })
        // A frame that waits for its ack has the timer of that.
        if (outside.keepAliveMs !== undefined) assert.ok(outside.keepAliveMs <= 9_000, `${outside.keepAliveMs} ms`)
      }
      assert.ok(seen.some(({ outside }) => outside.keepAliveMs !== undefined))
      assert.is(tuned.engine.output.split("net.core.rmem_max").length - 1, 1, "one line in the log")
    })
  })

  onLinux(`${topology}: every option agrees with the socket itself, over POST and as found when it goes`, async () => {
    await withEngine(topology, {}, async (tuned) => {
      await tuned.sockets(({ tcp_user_timeout }) => tcp_user_timeout.actual === 5000)
      const wishes = {
        keepalive_interval: 9,
        keepalive_count: 4,
        tcp_user_timeout: 6500,
        ip_tos: 0xb8,
        socket_priority: 5,
      }
      const body = JSON.stringify({ ...wishes, tcp_congestion: "reno", tcp_notsent_lowat: 9999 })
      const answer = await tuned.post("/api/config/network", body)
      assert.equal([answer.status, answer.body.network_config.tcp_congestion], [200, "reno"])
      for (const { told, outside } of await tuned.sockets(({ ip_tos }) => ip_tos.actual === 0xb8)) {
        const held = (name: SocketOptionName): unknown => optionOf(tuned.pid, outside, name)
        if (held("TCP_NODELAY") === undefined)
          return console.log("not compared: this system shows options to no other process")
        const names = [
          "TCP_USER_TIMEOUT",
          "TCP_KEEPCNT",
          "TCP_NOTSENT_LOWAT",
          "IP_TOS",
          "SO_PRIORITY",
          "TCP_CONGESTION",
        ] as const
        assert.equal(names.map(held), [6500, 4, 9999, 0xb8, 5, "reno"])
        assert.equal(
          [told.tcp_user_timeout.actual, told.socket_priority.actual, told.tcp_congestion.actual],
          [6500, 5, "reno"],
        )
        assert.match(execFileSync("ss", ["-tniH", "src", outside.local], { encoding: "utf8" }), /\breno\b/)
      }
      const { tunables } = (await tuned.engine.get("/api/tuning")) as { tunables: TunableReading[] }
      const told = tunables.filter(({ plugin, wanted }) => plugin === "net-tuning" && wanted !== null)
      assert.ok(told.length > 8, `${told.length} are wanted`)
      for (const { id, state, wanted, found } of told) assert.equal([state, found], ["verified", wanted], id)
      const bad = await tuned.post("/api/config/network", JSON.stringify({ tcp_congestion: "none-such" }))
      assert.equal([bad.status, bad.body.error, bad.body.field], [422, "congestion_unavailable", "tcp_congestion"])
      // The file is the last writer of what it says, and says nothing of the rest any more.
      tuned.save({ tcp_user_timeout: 0, ip_tos: 0, socket_priority: 0, tcp_congestion: "" })
      for (const { told } of await tuned.sockets(({ ip_tos }) => ip_tos.actual === 0)) {
        assert.equal([told.tcp_user_timeout.actual, told.socket_priority.actual], [0, 0])
        assert.is.not(told.tcp_congestion.actual, "reno")
      }
    })
  })

  onLinux(`${topology}: a save changes open sockets, and those that a new exchange brings have the same`, async () => {
    await withEngine(topology, { recv_buffer: 500_000, keepalive_interval: 25 }, async (tuned) => {
      const before = await tuned.sockets(({ recv_buffer }) => recv_buffer.actual === 500_000)
      agree(tuned.pid, before)

      tuned.save({ tcp_nodelay: false, send_buffer: 123_456, keepalive_interval: 0 })
      const after = await tuned.sockets(({ tcp_nodelay }) => tcp_nodelay === false)
      agree(tuned.pid, after)
      assert.equal(after.map(({ told }) => told.local).sort(), before.map(({ told }) => told.local).sort())
      for (const { told } of after) {
        assert.equal([told.recv_buffer.autotuned, told.send_buffer.actual], [TAKES_BACK, 123_456])
        assert.is(told.keepalive.enabled, false)
      }

      process.kill(childrenOf(tuned.pid).get("veloz_exchange")!, "SIGKILL")
      const old = new Set(after.map(({ told }) => told.local))
      const anew = await tuned.sockets(({ local }) => !old.has(local))
      agree(tuned.pid, anew)
      for (const { told } of anew) {
        assert.equal([told.tcp_nodelay, told.send_buffer.actual, told.keepalive.enabled], [false, 123_456, false])
      }
    })
  })
}

test.run()
