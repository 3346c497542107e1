import { fileURLToPath } from "node:url"
import * as assert from "uvu/assert"
import { type EngineOptions, type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { type Project, project } from "../../core/config/project.js"
import type { Topology } from "../topologies.js"
import { isSettled } from "./exact.js"
import type { LedgerReading } from "./ledger.js"
import { NO_LIMITS, sleep } from "./storm.js"

/** A market for whole engines, with a bound on what is on its way. */
export const MARKET = { rate: 100_000, window: 3000, order_every: 300 }
const STORM = fileURLToPath(new URL("./plugin.js", import.meta.url))
const LOOKS_AT_MOST = 1000
const OTHERS = ["net-tuning", "memory-pools", "cpu-affinity", "kernel-tuning", "alerts", "binance", "sim-exchange"]

/** A whole engine in the storm, with a configuration file and a plugin file that are saved while the market runs. */
export class Saves {
  readonly #project: Project
  readonly #lines: string[] = []
  #engine!: RunningEngine

  constructor(
    private readonly topology: Topology,
    private readonly options: Pick<EngineOptions, "deadlines"> = {},
  ) {
    this.#project = project()
  }

  async start(): Promise<void> {
    const write = (message: string): void => void this.#lines.push(message)
    this.code(0)
    this.config({ mark: 1 })
    this.#engine = await startEngine({
      cwd: this.#project.folder,
      env: { PATH: process.env.PATH },
      args: { "plugins.metrics-api.port": 0, topology: this.topology, "venue.kind": "storm" },
      log: { debug: write, info: write, warn: write, error: write },
      version: "1.0.0",
      watch: false,
      ...this.options,
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
    this.file("veloz.config.json", config)
  }

  file(name: string, text: string): void {
    this.#project.write(name, text)
  }

  /** Everything that was logged and has this in it. */
  logged(part: string): string[] {
    return this.#lines.filter((line) => line.includes(part))
  }

  async get(path: string, init?: RequestInit): Promise<unknown> {
    const { host, port } = this.#engine.address!
    return (await fetch(`http://${host}:${port}${path}`, init)).json()
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
    return (await this.get("/api/storm")) as LedgerReading
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
