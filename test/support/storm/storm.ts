import { fileURLToPath } from "node:url"
import * as assert from "uvu/assert"
import type { VelozError } from "veloz"
import { bundle } from "../../../core/config/bundle.js"
import { SystemClock } from "../../../core/hot/clock.js"
import type { PreparedHot } from "../../../core/kernel/hot-set.js"
import { HotSide } from "../../../core/kernel/hot-side.js"
import { PluginUnderTest } from "../../../core/testing/plugin-under-test.js"
import type { Told } from "../../../core/threads/hot-thread-handle.js"
import type { PluginChange, PluginSource, PrepareRequest } from "../../../core/threads/messages.js"
import type { IdleStrategy } from "../../../core/threads/runner.js"
import { decideShape } from "../../../core/threads/topology.js"
import type { Topology } from "../topologies.js"
import { assertExact, isSettled } from "./exact.js"
import { Ledger } from "./ledger.js"
import plugin, { STORM_SYMBOLS, type StormOptions } from "./plugin.js"

/** What a reload changes: options by plugin, `false` takes a plugin out. */
export interface StormChange {
  readonly storm?: Partial<StormOptions>
  readonly "market-data"?: object | false
  readonly "order-processing"?: object | false
  /** The storm has other code from now on: the same anew, or some that throws when it is loaded. */
  readonly code?: "new" | "broken"
  /** New code runs on what is invented before it comes into force, as in the kernel. On unless said otherwise. */
  readonly isPrimed?: boolean
}

const NAMES = ["market-data", "order-processing", "storm"] as const
type Name = (typeof NAMES)[number]

/** Options of order-processing that let every order through. */
export const NO_LIMITS = { max_orders_per_second: 0, price_band_pct: 0, max_order_notional: "0", max_open_orders: 0 }
const SETTLE_MS = 30_000
const LOOK_MS = 2

/**
 * The hot threads of an engine under a market of numbered records, reloaded as the kernel reloads them. Every part
 * notes in a ledger what it has handled, and in which generation.
 */
export class Storm {
  readonly hot = new HotSide(new SystemClock())
  readonly ledger: Ledger
  /** What went wrong on the threads. */
  readonly faults: string[] = []
  readonly #memory = Ledger.allocate()
  #plugins: ReadonlyMap<Name, PluginUnderTest> = new Map()
  #source: PluginSource = moduleAt("./plugin.js")
  #bundle: Promise<{ code: string; hash: string }> | undefined
  #generation = 0
  #mark = 0
  #codes = 0

  private constructor(private readonly shipped: ReadonlyMap<Name, PluginUnderTest>) {
    this.ledger = new Ledger(this.#memory)
  }

  static async start(topology: Topology, idleStrategy: IdleStrategy | "auto" = "auto"): Promise<Storm> {
    const shipped = new Map<Name, PluginUnderTest>()
    for (const name of NAMES) shipped.set(name, await PluginUnderTest.load(name === "storm" ? plugin : name))
    const storm = new Storm(shipped)
    const { hot } = storm
    await hot.start(storm.#onTold, (error) => void storm.faults.push(error.message))
    const shape = decideShape({ topology, idle_strategy: idleStrategy }, [], hot.care.topology)
    await hot.open({ specs: STORM_SYMBOLS, shape, semiSpaceMb: undefined })
    await storm.reload({ "market-data": {}, "order-processing": NO_LIMITS, storm: {} })
    hot.channel("storm", storm.#memory)
    return storm
  }

  /** The same as a commit, but a cut that comes too late on a busy machine is tried again. */
  async reload(change: StormChange, beforeCut?: () => Promise<void>): Promise<number> {
    for (;;) {
      try {
        return await this.commit(change, beforeCut)
      } catch (error) {
        if ((error as VelozError).code !== "VELOZ_CUT_LATE") throw error
      }
    }
  }

  /**
   * Commits a change. Returns how long no input was taken, in us. Rejects, with nothing changed, when it is refused or
   * comes too late. `beforeCut` runs when everything is ready.
   */
  async commit(change: StormChange, beforeCut?: () => Promise<void>): Promise<number> {
    const { request, plugins, source } = await this.#plan(change, ++this.#mark)
    const prepared = await this.#prepare(request)
    const isPrimed = source !== this.#source && change.isPrimed !== false
    const fresh = request.plugins.filter(({ name }) => name === "storm")
    if (isPrimed) await this.#orAbort(request, () => this.hot.prime({ ...request, plugins: fresh }))
    await beforeCut?.()
    const pauseUs = await this.#orAbort(request, () => this.hot.commit(prepared))
    this.#plugins = plugins
    this.#source = source
    return pauseUs
  }

  /** A change that is ready on all threads and then given up, as when control itself cannot go along. */
  async giveUp(change: StormChange): Promise<void> {
    const { request } = await this.#plan(change, NEVER)
    await this.#prepare(request)
    this.hot.abort(request.generation)
  }

  /** A change that is to fail while it is prepared. Returns the message of its error. */
  async refuse(change: StormChange): Promise<string> {
    const { request } = await this.#plan(change, NEVER)
    return this.#prepare(request).then(
      () => {
        throw new Error(`it was to be refused: ${JSON.stringify(change)}`)
      },
      (error: Error) => error.message,
    )
  }

  /** The market falls silent; resolves when everything that was sent has arrived. */
  async settle(): Promise<void> {
    await this.reload({ storm: { rate: 0 } })
    const endMs = performance.now() + SETTLE_MS
    while (!isSettled(this.ledger.read()) && this.ledger.flaws === 0 && performance.now() < endMs) await sleep(LOOK_MS)
  }

  counter(name: string): number {
    return this.hot.engine!.metrics.counter(name)
  }

  /** Nothing was lost, doubled or handled by two generations, by the ledger and by what the engine itself counts. */
  assertExact(): void {
    assert.equal(this.faults, [])
    const reading = this.ledger.read()
    assertExact(reading)
    const [trades, tops, depths, orders] = reading.counts.map(([count]) => count)
    const of = (...names: string[]): number[] => names.map((name) => this.counter(name))
    assert.equal(of("trades", "top_updates", "book_updates"), [trades, tops, depths])
    assert.equal(of("orders_entered", "orders_sent", "orders_filled", "open_orders"), [orders, orders, orders, 0])
    assert.equal(of("book_gaps", "stale_updates", "duplicate_reports", "foreign_reports"), [0, 0, 0, 0])
  }

  async stop(): Promise<void> {
    await this.hot.stop(0)
  }

  // ---- a generation, as the kernel makes it

  async #plan(change: StormChange, mark: number) {
    const source = change.code === undefined ? this.#source : await this.#otherCode(change.code)
    const plugins = new Map<Name, PluginUnderTest>()
    const changes: PluginChange[] = []
    for (const name of NAMES) {
      const standing = this.#plugins.get(name)
      const wish = name === "storm" ? { mark, ...change.storm } : change[name]
      if (wish === false || (wish === undefined && standing === undefined)) continue
      const next = (standing ?? this.shipped.get(name)!).with(wish ?? {})
      const isOther = name === "storm" && source !== this.#source
      plugins.set(name, next)
      changes.push({
        name,
        action: isOther ? "remake" : next.actionAfter(standing),
        options: next.options,
        source: name === "storm" ? source : moduleAt(`../../../plugins/${name}/index.js`),
      })
    }
    this.#generation += 1
    return { request: { generation: this.#generation, plugins: changes }, plugins, source }
  }

  #prepare(request: PrepareRequest): Promise<PreparedHot> {
    return this.#orAbort(request, () => this.hot.prepare(request))
  }

  async #orAbort<T>({ generation }: PrepareRequest, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      this.hot.abort(generation)
      throw error
    }
  }

  async #otherCode(kind: "new" | "broken"): Promise<PluginSource> {
    const entry = fileURLToPath(new URL("./plugin.js", import.meta.url))
    this.#bundle ??= bundle(entry)
    const { code, hash } = await this.#bundle
    this.#codes += 1
    const before = kind === "broken" ? 'throw new Error("broken code");' : ""
    return { kind: "bundle", entry, code: `${before}/* ${this.#codes} */${code}`, hash: `${hash}-${this.#codes}` }
  }

  readonly #onTold = (message: Told): void => {
    if (message.type === "fault") this.faults.push(`${message.plugin} in ${message.where}: ${message.error.message}`)
    else if (message.type === "log" && message.level === "error") this.faults.push(message.message)
  }
}

/** Runs a test in a storm, and ends it. */
export async function inStorm(
  topology: Topology,
  run: (storm: Storm) => Promise<void>,
  idleStrategy?: IdleStrategy,
): Promise<void> {
  const storm = await Storm.start(topology, idleStrategy)
  try {
    await run(storm)
  } finally {
    await storm.stop()
  }
}

/** Of a generation that must not come: a mark that is below every other is noticed at once. */
const NEVER = -1

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function moduleAt(path: string): PluginSource {
  return { kind: "module", file: fileURLToPath(new URL(path, import.meta.url)) }
}
