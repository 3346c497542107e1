import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { TunableReading } from "veloz"
import { readCpuTopology } from "../../core/os/cpus.js"
import { AS_ORDINARY_USER, ordinaryUserObstacle } from "../support/ordinary-user.js"
import { RunningEngine } from "../support/running-engine.js"
import { testUnless } from "../support/skip.js"

// A whole engine of a user without any privilege, with every wish that takes one: it trades, and says what each takes.

const MAIN = fileURLToPath(new URL("../../core/cli/main.js", import.meta.url))
const [first] = readCpuTopology().usable
const asOrdinaryUser = testUnless(ordinaryUserObstacle(MAIN))

const PLUGINS = {
  quoter: { orders_per_second: 20 },
  "cpu-affinity": { nice: -5, io_class: "realtime", dma_latency_us: 0, timer_slack_ns: 1 },
  "memory-pools": { lock_memory: true, oom_score_adj: -1000 },
  "net-tuning": { socket_priority: 9, prefer_busy_poll: true },
}

/** What each wish is told to take. */
const TAKES: readonly [tunable: string, state: string, takes: RegExp][] = [
  ["thread.nice", "needs_privilege", /CAP_SYS_NICE.*ulimit -e/],
  ["thread.io_class", "needs_privilege", /CAP_SYS_NICE/],
  ["process.oom_score_adj", "needs_privilege", /CAP_SYS_RESOURCE/],
  ["process.locked_memory", "wanted", /CAP_IPC_LOCK or ulimit -l/],
  ["SO_PRIORITY", "wanted", /more than 6 needs the capability CAP_NET_ADMIN/],
]

asOrdinaryUser("an engine without privileges trades, and says of each wish what it takes", async () => {
  const cwd = mkdtempSync(join(tmpdir(), "veloz-user-"))
  chmodSync(cwd, 0o777)
  writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify({ topology: "fused", plugins: PLUGINS }))
  const command = [...AS_ORDINARY_USER, "env", `HOME=${cwd}`, process.execPath, MAIN]
  const engine = await RunningEngine.start(command, cwd)
  try {
    await engine.trading()
    const { tunables } = (await engine.get("/api/tuning")) as { tunables: TunableReading[] }
    const known = (id: string): TunableReading => tunables.find((tunable) => tunable.id === id)!
    for (const [id, state, takes] of TAKES) {
      assert.equal([known(id).state, known(id).verified], [state, false], id)
      assert.match(known(id).note!, takes, id)
    }
    assert.is(known("thread.timer_slack_ns").state, "verified", "which takes no privilege")
    assert.match(engine.output, /pools are not locked \(ENOMEM\): .*CAP_IPC_LOCK.*the limit is 65536 bytes/)
    const latency = known("cpu_dma_latency_us")
    if (latency.state !== "unavailable") assert.match(latency.note!, "root alone")

    const wish = { enabled: true, engine_thread_cores: [first], scheduler: "fifo" }
    const headers = { "content-type": "application/json" }
    const options = { method: "POST", headers, body: JSON.stringify(wish) }
    const answer = await fetch(`${engine.url}/api/config/cpu_affinity`, options)
    const { error, message } = (await answer.json()) as { error: string; message: string }
    assert.is(answer.status, 422, message)
    if (error === "realtime_refused") assert.match(message, /CAP_SYS_NICE.*ulimit -r/)
    else assert.match(message, "no core for control")
  } finally {
    await engine.stop("SIGKILL")
    rmSync(cwd, { recursive: true })
  }
})

test.run()
