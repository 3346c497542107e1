import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { NO_LIMITS } from "../../support/storm/storm.js"

// Reloads an engine again and again, every second time in vain, and says what is left of the generations that are over.
// Run with --expose-gc, and with the heap that it is to live in: node --expose-gc --max-old-space-size=200 FILE RELOADS

const [reloads = "200", topology = "fused"] = process.argv.slice(2)
const STORM = fileURLToPath(new URL("../../support/storm/plugin.js", import.meta.url))
const OTHERS = ["net-tuning", "memory-pools", "cpu-affinity", "kernel-tuning", "alerts", "binance", "sim-exchange"]
const OFF = Object.fromEntries(OTHERS.map((name) => [name, false]))
/** Of each kind that is looked for, the one in force is there, and perhaps the one that it has just replaced. */
const MOST_LEFT = 2

type Left = Record<string, number>

class Project {
  readonly cwd = realpathSync(mkdtempSync(join(tmpdir(), "veloz-leaks-")))
  readonly lines: string[] = []
  /** Effective configurations that have been in force. */
  readonly #configurations: WeakRef<object>[] = []
  #engine!: RunningEngine

  async start(): Promise<void> {
    const write = (message: string): void => {
      this.lines.push(message)
      if (this.lines.length > 50) this.lines.shift()
    }
    this.write(0, {})
    this.#engine = await startEngine({
      cwd: this.cwd,
      env: { PATH: process.env.PATH },
      args: { "plugins.metrics-api.port": 0, topology, "venue.kind": "storm" },
      log: { debug: write, info: write, warn: write, error: write },
      version: "1.0.0",
      watch: false,
    })
    await this.reload(true)
  }

  /** The probe has other code with each number, and the storm other options. */
  write(number: number, more: object, code = ""): void {
    writeFileSync(join(this.cwd, "probe.ts"), `${PROBE}\nexport const number = ${number}\n${code}`)
    writeFileSync(join(this.cwd, "storm.ts"), `export { default } from ${JSON.stringify(STORM)}`)
    const storm = { mark: number, rate: 20_000, window: 3000, remade: number }
    const plugins = { ...OFF, "order-processing": NO_LIMITS, "./storm.ts": storm, "./probe.ts": {}, ...more }
    this.text(`export default ${JSON.stringify({ plugins })}`)
  }

  text(config: string): void {
    writeFileSync(join(this.cwd, "veloz.config.ts"), config)
  }

  async reload(isGood: boolean): Promise<void> {
    while ((await this.#engine.reload()) !== isGood) {
      // A cut that comes too late on a busy machine is for the user to try again.
      if (!isGood || !this.lines.at(-1)?.includes("VELOZ_CUT_LATE")) throw new Error(this.lines.slice(-3).join("\n"))
    }
    if (isGood) this.#configurations.push(new WeakRef(this.#engine.facade.configuration.effective()))
  }

  /** How many of each kind are still there, on all threads. */
  async left(): Promise<Left> {
    const { host, port } = this.#engine.address!
    await collected()
    const left = (await (await fetch(`http://${host}:${port}/api/probe`)).json()) as Left
    return { ...left, configurations: this.#configurations.filter((ref) => ref.deref() !== undefined).length }
  }

  async end(): Promise<void> {
    await this.#engine?.stop()
    rmSync(this.cwd, { recursive: true })
  }
}

/** A plugin of which every thread notes what it makes, weakly, and counts on demand what is left. */
const PROBE = `
import { definePlugin } from "veloz"

const refs: [string, WeakRef<object>][] = (globalThis.velozRefs ??= [])
const note = (kind: string, ...objects: object[]) => refs.push(...objects.map((object) => [kind, new WeakRef(object)]))
const collected = async () => {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    globalThis.gc()
  }
}
const count = async () => {
  await collected()
  const left = {}
  for (const [kind, ref] of refs) left[kind] = (left[kind] ?? 0) + (ref.deref() === undefined ? 0 : 1)
  return left
}
const part = (role: string) => (context) => {
  const own = { role }
  note(role + " contexts", context)
  note(role + " options", context.options)
  note(role + " objects", own)
  context.channel.onMessage(async () => context.channel.post({ role, left: await count() }))
  if (context.market?.booked) context.market.booked.tap("probe", () => void own.role)
  if (context.market?.onTrade) context.market.onTrade(() => void own.role)
  if (context.timers) context.timers.every(50, () => void own.role)
  context.keep("kept", 1, () => [], { save: () => [own.role], load: () => [] })
  return { dispose() { void own } }
}
const plugin = definePlugin({
  name: "probe",
  version: "1.0.0",
  veloz: "^1.0.0",
  engine: part("engine"),
  strategy: part("strategy"),
  network: part("network"),
  control(context) {
    const own = {}
    note("control contexts", context)
    note("control objects", own)
    let answers = []
    context.channel.onMessage((answer) => answers.push(answer))
    context.events.listen(["config"], () => void own)
    context.timers.every(1000, () => void own)
    context.http.route({
      method: "GET",
      url: "/api/probe",
      async handler() {
        answers = []
        context.channel.post({})
        while (answers.length < 3) await new Promise((resolve) => setTimeout(resolve, 10))
        const most = await count()
        for (const { left } of answers) {
          for (const kind of Object.keys(left)) most[kind] = Math.max(most[kind] ?? 0, left[kind])
        }
        return most
      },
    })
    return { dispose() { void own } }
  },
})
note("definitions", plugin)
export default plugin
`

async function collected(): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await sleep(10)
    globalThis.gc!()
  }
}

/** What is saved in vain: refused when it is read, checked, loaded, and prepared on one thread after others. */
const BAD: readonly ((project: Project, number: number) => void)[] = [
  (project) => project.text("export default {"),
  (project, number) => project.write(number, { "market-data": { order_book_depht: 5 } }),
  (project, number) => project.write(number, {}, "throw new Error('not to be loaded')"),
  (project, number) => project.write(number, { "./storm.ts": { mark: -1, remade: -number, fail_in: "strategy" } }),
  (project, number) =>
    project.write(number, { "./storm.ts": { mark: -1, conflate: true }, "market-data": { conflate_updates: true } }),
]

const project = new Project()
try {
  await project.start()
  const startedMs = performance.now()
  for (let number = 1; number <= Number(reloads); number += 1) {
    const isGood = number % 2 === 0
    if (isGood) project.write(number, { "market-data": { order_book_depth: 1 + (number % 20) } })
    else BAD[(number >> 1) % BAD.length](project, number)
    await project.reload(isGood)
  }
  const eachMs = (performance.now() - startedMs) / Number(reloads)
  const left = await project.left()
  const heapMb = Math.round(process.memoryUsage().heapUsed / 1e6)
  console.log(JSON.stringify({ reloads, topology, each_ms: Math.round(eachMs), heap_mb: heapMb, left }))
  const leaks = Object.entries(left).filter(([, count]) => count > MOST_LEFT)
  if (leaks.length > 0)
    throw new Error(`left of generations that are over: ${JSON.stringify(Object.fromEntries(leaks))}`)
} finally {
  await project.end()
}
