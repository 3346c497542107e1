import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { getPriority, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { TunableReading } from "veloz"
import { readCpuTopology } from "../../../core/os/cpus.js"
import { readFileIfAny } from "../../../core/os/read-file.js"
import { realtimeObstacle } from "../../support/realtime.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"
import { TOPOLOGIES } from "../../support/topologies.js"

// Real-time priority, warmers and settings of a running engine, as chrt, taskset and /proc see its threads.

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const usable = readCpuTopology().usable
const [, second] = usable
const withRealtime = testUnless(
  realtimeObstacle() ?? (usable.length > 1 ? undefined : "it takes two CPUs, of which one is left for control"),
)
const HOT_THREADS = { fused: ["veloz-hot"], split: ["engine-main", "network-io", "strategy-worker"] } as const
const ON_ONE_CORE = {
  enabled: true,
  network_thread_cores: [second],
  engine_thread_cores: [second],
  strategy_thread_cores: [second],
}
/** A strategy that keeps its thread for as long as it is told. */
const SPINNER = `
import { definePlugin } from "veloz"
export default definePlugin({
  name: "spinner", version: "1.0.0", veloz: "^1.0.0",
  strategy({ timers }) {
    timers.after(200, () => {
      for (const endMs = Date.now() + 1500; Date.now() < endMs; );
    })
  },
})`

interface Config {
  readonly topology: string
  readonly idle_strategy?: string
  readonly affinity?: object
  readonly plugins?: object
}

class Rig {
  readonly #cwd = mkdtempSync(join(tmpdir(), "veloz-realtime-"))
  engine!: RunningEngine

  static async with(
    config: Config,
    body: (rig: Rig) => Promise<void>,
    command: readonly string[] = COMMAND,
  ): Promise<void> {
    const rig = new Rig()
    rig.save(config)
    try {
      rig.engine = await RunningEngine.start(command, rig.#cwd)
      await body(rig)
    } finally {
      await rig.engine?.stop("SIGKILL")
      rmSync(rig.#cwd, { recursive: true })
    }
  }

  save({ affinity = {}, plugins = {}, ...rest }: Config): void {
    writeFileSync(join(this.#cwd, "spinner.ts"), SPINNER)
    const all = { quoter: { orders_per_second: 20 }, "cpu-affinity": affinity, ...plugins }
    writeFileSync(join(this.#cwd, "veloz.config.json"), JSON.stringify({ ...rest, plugins: all }))
  }

  /** By name: "SCHED_FIFO 50", as chrt tells it. Of several with a name, the first. */
  schedulers(): Record<string, string> {
    const { pid } = this.engine.process
    const found = readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
      const { stdout } = spawnSync("chrt", ["-p", tid], { encoding: "utf8" })
      const [, policy, priority] = /policy: (\S+)\n.*priority: (\d+)/.exec(stdout) ?? []
      const name = readFileIfAny(`/proc/${pid}/task/${tid}/comm`)?.trim()
      // A thread that ended while it was looked at has no policy, or no name.
      return policy === undefined || name === undefined ? [] : [[name, `${policy} ${priority}`]]
    })
    return Object.fromEntries(found.reverse())
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      if (await isSo()) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`${what} did not come true:\n${this.engine.output}`)
  }

  async tunable(id: string): Promise<TunableReading> {
    const { tunables } = (await this.engine.get("/api/tuning")) as { tunables: TunableReading[] }
    return tunables.find((tunable) => tunable.id === id)!
  }
}

const FIFO_50 = "SCHED_FIFO|SCHED_RESET_ON_FORK 50"
const FIFO_40 = "SCHED_FIFO|SCHED_RESET_ON_FORK 40"
const ORDINARY = /^SCHED_OTHER(\|SCHED_RESET_ON_FORK)? 0$/

for (const topology of TOPOLOGIES) {
  const hot = HOT_THREADS[topology]

  withRealtime(
    `${topology}: hot threads have the priority, Node's a lower one, control none, until it goes`,
    async () => {
      await Rig.with({ topology, affinity: { ...ON_ONE_CORE, scheduler: "fifo" } }, async (rig) => {
        await rig.until("the priorities", () => {
          const { node, ...others } = rig.schedulers()
          return node === FIFO_40 && hot.every((name) => others[name] === FIFO_50)
        })
        assert.is(rig.schedulers().veloz_engine, "SCHED_OTHER 0")
        const reading = await rig.tunable("thread.scheduler")
        assert.equal(
          [reading.state, reading.wanted, reading.found, reading.verified],
          ["verified", "fifo 50", "fifo 50", true],
        )
        const { threads } = (await rig.engine.get("/api/metrics/threads")) as {
          threads: { name: string; roles: string[]; policy: string }[]
        }
        for (const { name, roles, policy } of threads) {
          const isRaised = name === "node" || (roles[0] !== "control" && roles[0] !== "runtime")
          assert.is(policy, isRaised ? "fifo" : "other", name)
        }
        assert.match(readFileSync(`/proc/${rig.engine.process.pid}/limits`, "utf8"), /realtime timeout +200000/)
        rig.save({ topology, affinity: ON_ONE_CORE })
        await rig.until("its end", () => Object.values(rig.schedulers()).every((found) => ORDINARY.test(found)))
        assert.match(readFileSync(`/proc/${rig.engine.process.pid}/limits`, "utf8"), /realtime timeout +unlimited/)
      })
    },
  )

  withRealtime(`${topology}: a strategy that does not let go loses the priority, and the engine goes on`, async () => {
    const plugins = { "./spinner.ts": {} }
    await Rig.with({ topology, plugins, affinity: { ...ON_ONE_CORE, scheduler: "fifo" } }, async (rig) => {
      const name = topology === "fused" ? "veloz-hot" : "strategy-worker"
      await rig.until("its demotion", () => rig.engine.output.includes("has lost its real-time priority"))
      assert.match(rig.engine.output, new RegExp(`thread ${name} .*more than 200 ms without waiting`))
      assert.match(rig.schedulers()[name], ORDINARY)
      for (const other of hot.filter((each) => each !== name)) assert.is(rig.schedulers()[other], FIFO_50)
      assert.match((await rig.tunable("thread.scheduler")).note!, "has lost its priority")
      await rig.engine.trading()
    })
  })
}

withRealtime("without a guard the policy is refused, the guard is named, and everything stays as it is", async () => {
  await Rig.with({ topology: "fused", affinity: {} }, async (rig) => {
    const refusal = async (affinity: object): Promise<string> => {
      const headers = { "content-type": "application/json" }
      const options = { method: "POST", headers, body: JSON.stringify(affinity) }
      const answer = await fetch(`${rig.engine.url}/api/config/cpu_affinity`, options)
      const { error, message } = (await answer.json()) as { error: string; message: string }
      assert.equal([answer.status, error], [422, "realtime_unguarded"])
      return message
    }
    assert.match(await refusal({ scheduler: "fifo" }), /no cores of its own .*\n.*no core for control/)
    const everywhere = { enabled: true, scheduler: "fifo", engine_thread_cores: usable }
    assert.match(await refusal(everywhere), "no core for control")
    const lower = { ...everywhere, engine_thread_cores: [second], priority: 30, helper_priority: 30 }
    assert.match(await refusal(lower), /helper_priority \(30\) below the priority \(30\)/)
    for (const found of Object.values(rig.schedulers())) assert.match(found, ORDINARY)
  })
})

withRealtime("a priority that chrt gave the whole process is told, and its threads do not spin", async () => {
  const command = ["chrt", "-f", "50", ...COMMAND]
  await Rig.with(
    { topology: "fused", idle_strategy: "spin" },
    async (rig) => {
      assert.match(rig.engine.output, "was started with the real-time policy fifo 50 (chrt)")
      assert.match(rig.engine.output, "idle threads park")
      const { threads } = (await rig.engine.get("/api/metrics/threads")) as {
        threads: { name: string; policy: string; priority: number }[]
      }
      for (const { name, policy, priority } of threads) assert.equal([policy, priority], ["fifo", 50], name)
      await rig.engine.trading()
    },
    command,
  )
})

withRealtime("a warmer has the lowest policy on its core, and ends with its option", async () => {
  const affinity = { enabled: true, engine_thread_cores: [second], warm_cores: true }
  await Rig.with({ topology: "fused", affinity }, async (rig) => {
    await rig.until("the warmer", () => rig.schedulers()["veloz-warmer"] === "SCHED_IDLE 0")
    const { threads } = (await rig.engine.get("/api/metrics/threads")) as {
      threads: { name: string; roles: string[]; cpu_affinity: number[] }[]
    }
    const warmer = threads.find(({ name }) => name === "veloz-warmer")
    assert.equal([warmer?.roles, warmer?.cpu_affinity], [["warmer"], [second]])
    assert.is((await rig.tunable("thread.warmer")).verified, true)
    await rig.engine.trading()
    rig.save({ topology: "fused", affinity: { ...affinity, warm_cores: false } })
    await rig.until("its end", () => rig.schedulers()["veloz-warmer"] === undefined)
  })
})

withRealtime(
  "settings of the hot threads are as /proc and ionice see them, and as they were when they go",
  async () => {
    const affinity = { nice: 3, timer_slack_ns: 1000, io_class: "idle" }
    await Rig.with({ topology: "split", affinity }, async (rig) => {
      const { pid } = rig.engine.process
      const seen = (): string[] => {
        return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
          const name = readFileIfAny(`/proc/${pid}/task/${tid}/comm`)?.trim() ?? ""
          if (!(HOT_THREADS.split as readonly string[]).includes(name)) return []
          const nice = readFileSync(`/proc/${pid}/task/${tid}/stat`, "utf8").split(") ")[1].split(" ")[16]
          const slack = readFileSync(`/proc/${tid}/timerslack_ns`, "utf8").trim()
          return `${nice} ${slack} ${execFileSync("ionice", ["-p", tid], { encoding: "utf8" }).trim()}`
        })
      }
      await rig.until("the settings", () => seen().every((text) => text === "3 1000 idle"))
      for (const id of ["thread.nice", "thread.timer_slack_ns", "thread.io_class"]) {
        assert.is((await rig.tunable(id)).verified, true, id)
      }
      rig.save({ topology: "split" })
      await rig.until("their end", () => seen().every((text) => text === `${getPriority()} 50000 none: prio 0`))
    })
  },
)

test.run()
