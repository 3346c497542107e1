import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { TunableReading } from "veloz"
import { hasCapability, IPC_LOCK } from "../../support/capabilities.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"
import { TOPOLOGIES } from "../../support/topologies.js"

// The memory of a running engine, as /proc sees it.

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const onLinux = testUnless(process.platform === "linux" ? undefined : "memory is looked up in /proc")
const mayLock = hasCapability(IPC_LOCK)

for (const topology of TOPOLOGIES) {
  onLinux(
    `${topology}: settings of memory are in force as /proc sees them, live, and undone when they go`,
    async () => {
      const cwd = mkdtempSync(join(tmpdir(), "veloz-memory-"))
      const save = (options: object): void => {
        const plugins = { quoter: { orders_per_second: 20 }, "memory-pools": { semi_space_mb: 32, ...options } }
        writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify({ topology, plugins }))
      }
      save({})
      const engine = await RunningEngine.start(COMMAND, cwd)
      try {
        const { pid } = engine.process
        const status = (key: string): string =>
          new RegExp(`^${key}:\\s*(\\S+)`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]
        const score = (): string => readFileSync(`/proc/${pid}/oom_score_adj`, "utf8").trim()
        const tunable = async (id: string): Promise<TunableReading> => {
          const { tunables } = (await engine.get("/api/tuning")) as { tunables: TunableReading[] }
          return tunables.find((one) => one.id === id)!
        }
        const until = async (what: string, isSo: () => boolean | Promise<boolean>): Promise<void> => {
          for (let attempt = 0; attempt < 400; attempt += 1) {
            if (await isSo()) return
            await new Promise((done) => setTimeout(done, 50))
          }
          throw new Error(`${what} did not come true: ${engine.output}`)
        }
        const before = score()
        assert.equal(
          [(await tunable("v8.semi_space_mb")).found, (await tunable("v8.semi_space_mb")).state],
          [32, "verified"],
        )

        save({ huge_pages: "never", lock_memory: true, oom_score_adj: 700 })
        await until("the score", () => score() === "700")
        assert.is(status("THP_enabled"), "0")
        assert.is((await tunable("process.huge_pages")).state, "verified")
        const isLocked = async (): Promise<boolean> => (await tunable("process.locked_memory")).state === "verified"
        if (mayLock) await until("the locks", isLocked)
        else await until("the refusal", () => engine.output.includes("CAP_IPC_LOCK"))
        assert.is(Number(status("VmLck")) > 30_000, mayLock)
        const {
          malloc,
          process: figures,
          isolates,
        } = (await engine.get("/api/metrics/memory")) as {
          malloc: { used_mb: number; age_seconds: number } | null
          process: { locked_mb: number; involuntary_switches: number }
          isolates: { roles: string[]; semi_space_mb: number | null }[]
        }
        if (malloc !== null) assert.ok(malloc.used_mb > 1 && malloc.age_seconds <= 10)
        if (mayLock) assert.ok(figures.locked_mb > 10)
        assert.is(isolates.length, topology === "fused" ? 2 : 4)
        for (const { roles, semi_space_mb } of isolates) assert.is(semi_space_mb, roles[0] === "control" ? null : 32)
        await engine.trading()

        save({})
        await until("the score", () => score() === before)
        await until("the end of the locks", () => status("VmLck") === "0")
        assert.is(status("THP_enabled"), "1")
        save({ semi_space_mb: 16 })
        await until("other threads", async () => (await tunable("v8.semi_space_mb")).found === 16)
      } finally {
        await engine.stop("SIGKILL")
        rmSync(cwd, { recursive: true })
      }
    },
  )
}

test.run()
