import { execFileSync, spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { parseCpuList, readCpuTopology } from "../../../core/os/cpus.js"
import { otherCores } from "../../../plugins/cpu-affinity/fit.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"

// The threads of a running engine, as another process sees them.

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const machine = readCpuTopology()
const everywhere = machine.usable
const [first, second] = everywhere
const hasTaskset = process.platform === "linux" && spawnSync("taskset", ["--version"]).status === 0
const onTwoCpus = testUnless(hasTaskset && everywhere.length > 1 ? undefined : "it takes taskset and two CPUs")

/** CPUs by the name of the thread; `rest` are all threads that are not named. */
type Places = Readonly<Record<string, readonly number[]>> & { readonly rest: readonly number[] }

interface Rig {
  readonly engine: RunningEngine
  /** Saves these options of cpu-affinity. */
  save(options: object): void
  /** Waits until every thread of the process is where it belongs. */
  settled(places: Places): Promise<void>
}

/** The three hot roles, and where all other threads are kept when they are there. */
function placed(network: number, engine: number, strategy: number): Places {
  const rest = otherCores(machine, [network, engine, strategy])
  const hot = { "network-io": [network], "engine-main": [engine], "strategy-worker": [strategy] }
  return { ...hot, rest: rest.length > 0 ? rest : everywhere }
}

function fused(cpu: number): Places {
  return { "veloz-hot": [cpu], rest: otherCores(machine, [cpu]) }
}

async function withEngine(
  topology: "auto" | "fused" | "split",
  options: object,
  body: (rig: Rig) => Promise<void>,
  command = COMMAND,
): Promise<void> {
  const cwd = mkdtempSync(join(tmpdir(), "veloz-affinity-"))
  const save = (changes: object): void => {
    const plugins = { "cpu-affinity": { enabled: true, ...changes } }
    writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify({ topology, plugins }))
  }
  save(options)
  const engine = await RunningEngine.start(command, cwd)
  try {
    await body({ engine, save, settled: (places) => settled(engine, places) })
  } finally {
    await engine.stop("SIGKILL")
    rmSync(cwd, { recursive: true })
  }
}

const one = (cpu: number): object => ({
  network_thread_cores: [cpu],
  engine_thread_cores: [cpu],
  strategy_thread_cores: [cpu],
})

for (const [topology, options, places] of [
  ["fused", { engine_thread_cores: [second] }, fused(second)],
  ["split", one(second), placed(second, second, second)],
] as const) {
  onTwoCpus(
    `${topology}: hot threads are on their cores, and each other thread of the process on the others`,
    async () => {
      await withEngine(topology, options, async ({ engine, settled }) => {
        await settled(places)
        for (const { tid, name } of threadsOf(engine.process.pid!)) {
          assert.equal(taskset(tid), placeOf(name, places), `${name} (${tid})`)
        }
        const { threads } = (await engine.get("/api/metrics/threads")) as { threads: Thread[] }
        for (const { tid, cpu_affinity } of threads) assert.equal(cpu_affinity, taskset(tid), `${tid}`)
        assert.ok(threads.length > 5, `${threads.length} threads`)
      })
    },
  )
}

onTwoCpus("fused: saved core lists move the running threads, and back when they are switched off", async () => {
  await withEngine("fused", { engine_thread_cores: [second] }, async ({ save, settled }) => {
    await settled(fused(second))
    save({ engine_thread_cores: [first] })
    await settled(fused(first))
    save({ engine_thread_cores: everywhere })
    await settled({ rest: everywhere })
    save({ network_thread_cores: [second], engine_thread_cores: [second] })
    await settled(fused(second))
    save({ enabled: false })
    await settled({ rest: everywhere })
  })
})

onTwoCpus("split: saved core lists move each role's thread by itself", async () => {
  await withEngine("split", one(second), async ({ save, settled }) => {
    await settled(placed(second, second, second))
    save({ ...one(second), network_thread_cores: [first] })
    await settled(placed(first, second, second))
    save(one(first))
    await settled(placed(first, first, first))
    save({ ...one(first), strategy_thread_cores: [] })
    await settled({ ...placed(first, first, first), "strategy-worker": everywhere })
    save({ enabled: false })
    await settled({ rest: everywhere })
  })
})

onTwoCpus("auto: lists that differ give each role a thread of its own", async () => {
  const lists = { network_thread_cores: [first], engine_thread_cores: [second], strategy_thread_cores: [second] }
  await withEngine("auto", lists, ({ settled }) => settled(placed(first, second, second)))
})

onTwoCpus("fused: lists that differ are refused, and the threads stay where they were", async () => {
  await withEngine("fused", { engine_thread_cores: [second] }, async ({ engine, save, settled }) => {
    save({ network_thread_cores: [first], engine_thread_cores: [second] })
    await printed(engine, "VELOZ_PINS_DIFFER|both are one thread")
    await settled(fused(second))
  })
})

onTwoCpus("a list that cannot be had is refused with the machine, and the threads stay where they were", async () => {
  await withEngine("fused", { engine_thread_cores: [second] }, async ({ engine, save, settled }) => {
    save({ engine_thread_cores: [900] })
    await printed(engine, "engine_thread_cores names CPU 900")
    await settled(fused(second))
  })
})

onTwoCpus("with fit the cores that are there are used, and lists that agree then can share a thread", async () => {
  const lists = {
    network_thread_cores: [second, 900],
    engine_thread_cores: [second, 901],
    strategy_thread_cores: [902],
  }
  await withEngine("fused", { fit: true, ...lists }, ({ settled }) => settled(fused(second)))
})

onTwoCpus("a process that was started on one CPU keeps its other threads there", async () => {
  const command = ["taskset", "-c", String(first), ...COMMAND]
  const started = (cpu: number, body: (rig: Rig) => Promise<void>): Promise<void> =>
    withEngine("fused", { engine_thread_cores: [cpu] }, body, command)
  await started(second, ({ settled }) => settled({ "veloz-hot": [second], rest: [first] }))
  await started(first, async ({ engine, settled }) => {
    await settled({ rest: [first] })
    await printed(engine, "no core is left for the other threads")
  })
})

onTwoCpus("a start with a core that the machine lacks ends with 1 and prints what there is", () => {
  const cwd = mkdtempSync(join(tmpdir(), "veloz-affinity-"))
  const env = { ...process.env, VELOZ_CPU_AFFINITY: "true", VELOZ_NETWORK_THREAD_CORES: "900,901", VELOZ_PORT: "0" }
  const [program, ...words] = COMMAND
  const { status, stderr } = spawnSync(program, [...words, "start"], { cwd, env, encoding: "utf8" })
  rmSync(cwd, { recursive: true })
  assert.is(status, 1, stderr)
  assert.match(stderr, "VELOZ_CORES_MISSING: cpu-affinity.network_thread_cores names CPU 900-901")
  assert.match(stderr, /online +0/)
})

test.run()

interface Thread {
  tid: number
  cpu_affinity: number[]
}

function threadsOf(pid: number): { tid: number; name: string; cpus: number[] }[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((tid) => {
    try {
      const status = readFileSync(`/proc/${pid}/task/${tid}/status`, "utf8")
      const [, cpus] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)!
      const name = readFileSync(`/proc/${pid}/task/${tid}/comm`, "utf8").trim()
      return { tid: Number(tid), name, cpus: parseCpuList(cpus) }
    } catch {
      // A thread that ended while it was looked at.
      return []
    }
  })
}

function taskset(tid: number): number[] {
  return parseCpuList(execFileSync("taskset", ["-cp", String(tid)], { encoding: "utf8" }).split(":")[1])
}

function placeOf(name: string, places: Places): readonly number[] {
  return places[name] ?? places.rest
}

async function settled({ process: { pid }, output }: RunningEngine, places: Places): Promise<void> {
  const wrong = () => threadsOf(pid!).filter(({ name, cpus }) => String(cpus) !== String(placeOf(name, places)))
  // Longer than the time after which threads that are new are looked for.
  for (let waited = 0; waited < 10_000 && wrong().length > 0; waited += 50) await sleep(50)
  assert.equal(wrong(), [], output)
  const names = threadsOf(pid!).map(({ name }) => name)
  for (const name of Object.keys(places)) assert.ok(name === "rest" || names.includes(name), `${name} of ${names}`)
}

async function printed(engine: RunningEngine, pattern: string): Promise<void> {
  for (let waited = 0; waited < 10_000 && !new RegExp(pattern).test(engine.output); waited += 50) await sleep(50)
  assert.match(engine.output, new RegExp(pattern))
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
