import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { type Project, project } from "../../core/config/project.js"
import { assertExact, isSettled } from "../../support/storm/exact.js"
import type { LedgerReading } from "../../support/storm/ledger.js"
import { NO_LIMITS, sleep } from "../../support/storm/storm.js"
import { inEachTopology, type Topology } from "../../support/topologies.js"

// The same storm through the whole engine: a configuration file that is saved while the market runs.

const SAVES = 60
const MARKET = { rate: 100_000, window: 3000, order_every: 300 }
const STORM = fileURLToPath(new URL("../../support/storm/plugin.js", import.meta.url))
const LOOKS_AT_MOST = 1000
const OTHERS = ["net-tuning", "memory-pools", "cpu-affinity", "kernel-tuning", "alerts", "binance", "sim-exchange"]

class Saves {
  readonly #project: Project
  readonly #lines: string[] = []
  #engine!: RunningEngine

  constructor(private readonly topology: Topology) {
    this.#project = project()
  }

  async start(): Promise<void> {
    const write = (message: string): void => void this.#lines.push(message)
    this.code(0)
    this.config({ mark: 1 })
    this.#engine = await startEngine({
      cwd: this.#project.folder,
      env: { PATH: process.env.PATH },
      args: { "plugins.metrics-api.port": 0, topology: this.topology },
      log: { debug: write, info: write, warn: write, error: write },
      version: "1.0.0",
      watch: false,
    })
  }

  /** Writes the code of the plugin: another number is other code. */
  code(number: number, more = ""): void {
    const text = `export { default } from ${JSON.stringify(STORM)}\nexport const number = ${number}\n${more}`
    this.#project.write("storm.js", text)
  }

  config(storm: object, plugins: object = {}): void {
    const off = Object.fromEntries(OTHERS.map((name) => [name, false]))
    const all = { ...off, "order-processing": NO_LIMITS, "./storm.js": storm, ...plugins }
    this.text(JSON.stringify({ plugins: all }))
  }

  text(config: string): void {
    this.#project.write("veloz.config.json", config)
  }

  /** Reads the files again. Returns whether their generation is in force. */
  async reload(): Promise<boolean> {
    const before = this.generation
    await this.#engine.reload()
    return this.generation > before
  }

  get generation(): number {
    return this.#engine.facade.configuration.generation()
  }

  /** Why the last change that was refused was. */
  get refusal(): string {
    return this.#lines.findLast((line) => line.includes("the change is refused")) ?? ""
  }

  async ledger(): Promise<LedgerReading> {
    const { host, port } = this.#engine.address!
    return (await (await fetch(`http://${host}:${port}/api/storm`)).json()) as LedgerReading
  }

  /** The market falls silent, and everything that was sent arrives. */
  async settle(mark: number): Promise<void> {
    this.config({ mark, rate: 0 })
    assert.ok(await this.reload())
    for (let look = 0; look < LOOKS_AT_MOST && !isSettled(await this.ledger()); look += 1) await sleep(10)
  }

  async end(): Promise<void> {
    await this.#engine?.stop()
  }
}

type Save = (saves: Saves, mark: number, round: number) => void

const GOOD: readonly Save[] = [
  (saves, mark) => saves.config({ ...MARKET, mark }),
  (saves, mark, round) => saves.config({ ...MARKET, mark }, { "market-data": { conflate_updates: round % 2 === 0 } }),
  (saves, mark, round) => saves.config({ ...MARKET, mark, remade: round + 1 }),
  (saves, mark, round) => {
    saves.code(round)
    saves.config({ ...MARKET, mark })
  },
  (saves, mark, round) => {
    const batch = { ...NO_LIMITS, batch_size: 2 + round, batch_wait_us: 5000 }
    saves.config({ ...MARKET, mark }, { "order-processing": batch, "market-data": false })
  },
]

/** What is saved, and what the engine says of it. A mark below every other would be noticed at once. */
const BAD: readonly (readonly [Save, RegExp])[] = [
  [(saves) => saves.text(`{ "plugins": `), /veloz\.config\.json/],
  [(saves) => saves.config({ ...MARKET, mark: "none" }), /mark/],
  [(saves) => saves.config({ ...MARKET, mark: -1, fail_in: "network" }), /the network part does not want/],
  [(saves) => saves.config({ ...MARKET, mark: -1, fail_in: "strategy" }), /the strategy part does not want/],
  [(saves) => saves.config({ mark: -1 }, { "market-data": { order_book_depht: 9 } }), /order_book_depth/],
  [(saves, _mark, round) => saves.code(-round, "throw new Error('broken code')"), /broken code/],
]

inEachTopology(
  `${SAVES} saves under 100,000 records a second, every third bad, lose, double and mix nothing`,
  async (topology) => {
    const saves = new Saves(topology)
    try {
      await saves.start()
      for (let number = 1; number <= SAVES; number += 1) {
        const mark = number + 1
        if (number % 3 === 0) await saveBad(saves, mark, number / 3)
        else await saveGood(saves, mark, number)
        await sleep(number % 4)
      }
      await saves.settle(SAVES + 2)
      assertExact(await saves.ledger())
    } finally {
      await saves.end()
    }
  },
)

async function saveGood(saves: Saves, mark: number, number: number): Promise<void> {
  GOOD[number % GOOD.length](saves, mark, number)
  // A cut that comes too late on a busy machine is for the user to try again.
  while (!(await saves.reload())) assert.match(saves.refusal, /too busy/)
}

async function saveBad(saves: Saves, mark: number, round: number): Promise<void> {
  const [save, refusal] = BAD[round % BAD.length]
  save(saves, mark, round)
  assert.not(await saves.reload(), `save ${round} was taken`)
  assert.match(saves.refusal, refusal)
  saves.code(0)
}

test.run()
