import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type RunningEngine, startEngine } from "../../core/kernel/engine.js"
import { type BenchCase, type BenchRow, rowsFromBlocks } from "../measure.js"

const ROUNDS = 150
const QUICK_ROUNDS = 15
const WARM_UP_ROUNDS = 10
/** Between two saves, so that a save never meets the work of the one before. */
const REST_MS = 60
const DEADLINE_MS = 10_000

/**
 * A person saves `veloz.config.ts` with another option while the engine trades against its exchange: from the return of
 * the write until the generation is in force and the old one disposed of, with the parts that it is made of. The first
 * sign of a save comes from the file system: what is missing from the sum of the parts went there.
 */
export const save: BenchCase = {
  name: "save",
  async run({ quick }) {
    const saving = new Saving()
    try {
      await saving.start()
      const rounds = quick ? QUICK_ROUNDS : ROUNDS
      for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
        await saving.save(round)
        if (round < 0) saving.samplesNs.clear()
        await sleep(REST_MS)
      }
      return rows(saving.samplesNs)
    } finally {
      await saving.end()
    }
  },
}

function rows(samplesNs: ReadonlyMap<string, readonly number[]>): BenchRow[] {
  const blocks = new Map([...samplesNs].map(([part, samples]) => [part, [samples]] as const))
  return rowsFromBlocks("save", "to committed", blocks).map((row) => {
    return { ...row, maxNs: Math.max(...samplesNs.get(row.subject)!) }
  })
}

interface Reload {
  readonly ok: boolean
  readonly message?: string
  readonly parts_ms: Readonly<Record<string, number>>
}

/** An engine in a folder of its own, with a configuration that is saved again and again. */
class Saving {
  readonly samplesNs = new Map<string, number[]>()
  readonly #cwd = mkdtempSync(join(tmpdir(), "veloz-save-"))
  #engine: RunningEngine | undefined
  #onReload: (reload: Reload) => void = () => undefined

  async start(): Promise<void> {
    writeFileSync(join(this.#cwd, "package.json"), "{}")
    writeFileSync(join(this.#cwd, "listener.ts"), LISTENER)
    this.#write(10)
    Object.assign(globalThis, { velozBenchReload: (reload: Reload) => this.#onReload(reload) })
    this.#engine = await startEngine({
      cwd: this.#cwd,
      env: { PATH: process.env.PATH },
      args: { "plugins.metrics-api.port": 0 },
      log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
      version: "1.0.0",
    })
  }

  async save(round: number): Promise<void> {
    const startedMs = performance.now()
    const { parts_ms } = await new Promise<Reload>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`save ${round} was not committed`)), DEADLINE_MS)
      this.#onReload = (reload) => {
        clearTimeout(late)
        if (reload.ok) resolve(reload)
        else reject(new Error(reload.message))
      }
      this.#write(round % 2 === 0 ? 5 : 15)
    })
    this.#add("veloz", performance.now() - startedMs)
    for (const [part, ms] of Object.entries(parts_ms)) this.#add(part, ms)
  }

  async end(): Promise<void> {
    await this.#engine?.stop()
    rmSync(this.#cwd, { recursive: true })
  }

  #add(part: string, ms: number): void {
    const samples = this.samplesNs.get(part) ?? []
    samples.push(ms * 1e6)
    this.samplesNs.set(part, samples)
  }

  #write(depth: number): void {
    writeFileSync(join(this.#cwd, "veloz.config.ts"), configWith(depth))
  }
}

/** The configuration of a project, with one local plugin. */
const configWith = (depth: number): string => `
import { defineConfig } from "veloz"

export default defineConfig({
  presets: ["low-latency"],
  symbols: ["BTCUSDT"],
  venue: { kind: "sim" },
  plugins: {
    quoter: { orders_per_second: 50 },
    "market-data": { order_book_depth: ${depth} },
    "./listener.ts": {},
  },
})
`

/** Tells the bench of each attempt, as any plugin can hear of it. */
const LISTENER = `
import { definePlugin } from "veloz"

export default definePlugin({
  name: "listener",
  version: "1.0.0",
  veloz: "^1.0.0",
  control({ events }) {
    events.listen(["config"], (news) => news.forEach(({ data }) => globalThis.velozBenchReload(data)))
  },
})
`

const nothing = (): void => undefined
