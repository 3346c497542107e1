import { createHmac } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as assert from "uvu/assert"
import type { OrderState } from "veloz"
import { type EngineOptions, type RunningEngine, startEngine } from "../../core/kernel/engine.js"
import { type LaunchedExchange, launchExchange } from "../../plugins/sim-exchange/io/launch.js"
import type { Topology } from "./topologies.js"

// The real engine, its hot threads and the embedded exchange, in a folder of their own.

export const API_KEY = "engine-test"
export const API_SECRET = "engine-test-secret"
export const FINAL = new Set(["FILLED", "CANCELED", "EXPIRED", "REJECTED", "DENIED"])

export type Config = Record<string, unknown> & { plugins: Record<string, unknown> }

type StartOptions = { port?: number | null; env?: object } & Pick<EngineOptions, "watch" | "signal" | "handover">

export class Project {
  readonly cwd = mkdtempSync(join(tmpdir(), "veloz-engine-"))
  readonly lines: string[] = []
  /** Stacks of plugins that have failed. */
  readonly faults: string[] = []
  /** Why the engine cannot go on. */
  readonly failures: string[] = []
  engine!: RunningEngine
  /** What was written last. */
  saved: Config | string = ""

  /** Without a topology the file says which. */
  constructor(private readonly topology?: Topology) {}

  /** Writes the configuration; text is written as it is. */
  save(config: Config | string): void {
    this.saved = config
    const text = typeof config === "string" ? config : JSON.stringify(config)
    writeFileSync(join(this.cwd, "veloz.config.json"), text)
  }

  async start(options: StartOptions = {}): Promise<void> {
    const write = (message: string, details?: { stack?: string }): void => {
      this.lines.push(message)
      if (details?.stack !== undefined) this.faults.push(details.stack)
    }
    this.engine = await startEngine({
      cwd: this.cwd,
      env: { PATH: process.env.PATH, ...(this.topology && { VELOZ_TOPOLOGY: this.topology }), ...options.env },
      args: options.port === null ? {} : { "plugins.metrics-api.port": options.port ?? 0 },
      log: { debug: write, info: write, warn: write, error: write },
      version: "1.0.0",
      watch: options.watch ?? false,
      signal: options.signal,
      handover: options.handover,
      onFailure: ({ message }) => void this.failures.push(message),
    })
  }

  get facade(): RunningEngine["facade"] {
    return this.engine.facade
  }

  option(plugin: string, option: string): unknown {
    const { plugins } = this.facade.configuration.effective() as { plugins: Record<string, Record<string, unknown>> }
    return plugins[plugin]?.[option]
  }

  /** The newest bid, once the market is up and orders may be sent. */
  async market(): Promise<number> {
    await this.until("orders may be sent", () => this.lines.includes("orders may be sent"))
    // The thread that says so is another one than the engine's, which hears of it by itself.
    await this.until("the engine sends orders", async () => (await this.facade.ping()).ok)
    return this.until("a bid", () => {
      const { bid } = this.facade.market.top("BTCUSDT")
      return bid === null || this.facade.market.book("BTCUSDT", 1).bids.length === 0 ? undefined : Number(bid)
    })
  }

  async until<T>(what: string, read: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
    for (let attempt = 0; attempt < 500; attempt += 1) {
      const value = await read()
      if (value !== undefined && value !== false) return value
      await sleep(10)
    }
    throw new Error(`it did not come true in five seconds: ${what}\n${this.lines.slice(-20).join("\n")}`)
  }

  async end(): Promise<void> {
    await this.engine?.stop()
    rmSync(this.cwd, { recursive: true })
  }
}

export interface ProjectOptions extends StartOptions {
  /** Without one the file says which. */
  readonly topology?: Topology
  /** Files beside the configuration, by name. */
  readonly files?: Record<string, string>
}

/** An engine that runs by this configuration. */
export async function inProject(
  first: Config,
  run: (project: Project) => Promise<void>,
  { topology, files = {}, ...options }: ProjectOptions = {},
): Promise<void> {
  const project = new Project(topology)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(project.cwd, name), text)
  project.save(first)
  try {
    await project.start(options)
    await run(project)
  } finally {
    await project.end()
  }
}

/** Saves, and expects that it comes into force. */
export async function taken(project: Project, save: Config): Promise<void> {
  project.save(save)
  assert.ok(await project.engine.reload(), project.lines.slice(-3).join("\n"))
}

/** Saves, and expects this refusal. */
export async function refused(project: Project, save: Config | string, expected: RegExp): Promise<void> {
  const generation = project.facade.configuration.generation()
  project.save(save)
  assert.not(await project.engine.reload(), "it was taken")
  assert.match(project.lines.at(-1)!, expected)
  assert.is(project.facade.configuration.generation(), generation)
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const config = (plugins: Record<string, unknown> = {}): Config => ({
  presets: ["low-latency"],
  plugins: { quoter: false, ...plugins },
})

export const place = (project: Project, price: number, id: string): Promise<OrderState> =>
  project.facade.orders.place({
    symbol: "BTCUSDT",
    side: "BUY",
    qty: "0.001",
    price: price.toFixed(2),
    client_order_id: id,
    enteredNs: 0,
  })

export interface VenueOrder {
  orderId: number
  clientOrderId: string
  status: string
  executedQty: string
}

/** What the exchange itself says of all orders of the account. */
export async function ordersAt(port: number): Promise<VenueOrder[]> {
  const found: VenueOrder[] = []
  for (let orderId = 0; ; ) {
    const query = `symbol=BTCUSDT&limit=1000&orderId=${orderId}&timestamp=${Date.now()}`
    const signature = createHmac("sha256", API_SECRET).update(query).digest("hex")
    const url = `http://127.0.0.1:${port}/api/v3/allOrders?${query}&signature=${signature}`
    const answer = await fetch(url, { headers: { "X-MBX-APIKEY": API_KEY } })
    assert.is(answer.status, 200)
    const page = (await answer.json()) as VenueOrder[]
    found.push(...page)
    if (page.length < 1000) return found
    orderId = page[page.length - 1].orderId + 1
  }
}

/** One order after the other, each cancelled as soon as it is acknowledged. Returns how many there were. */
export async function placeAndCancel(
  project: Project,
  price: number,
  goesOn: () => boolean,
  pauseMs = 10,
): Promise<number> {
  let count = 0
  while (goesOn()) {
    const id = `mine-${count++}`
    const placed = await place(project, price, id)
    assert.is(placed.status, "NEW")
    const cancelled = await project.facade.orders.cancel(id)
    assert.is(cancelled.status, "CANCELED")
    await sleep(pauseMs)
  }
  return count
}

export function countsAddUp(project: Project): void {
  const count = (name: string): number => project.facade.metrics.counter(name)
  const flaws = [count("book_gaps"), count("orders_unknown"), count("foreign_reports")]
  assert.equal(flaws, [0, 0, 0], project.lines.slice(-60).join("\n"))
  assert.is(count("open_orders"), 0)
  // The sums are exact however many orders there are, and this keeps them from being sums of nothing. How many a strategy
  // places before a test has done its work is a matter of the machine: a busy one has fewer of them for each move.
  assert.ok(count("orders_entered") > 100, `${count("orders_entered")} orders`)
  assert.is(count("orders_sent"), count("orders_entered") - count("orders_denied"))
  assert.is(count("orders_acked"), count("orders_sent") - count("orders_rejected"))
  assert.is(count("orders_acked"), count("orders_filled") + count("orders_canceled") + count("orders_expired"))
}

export async function sameAsTheExchange(project: Project, port: number): Promise<void> {
  const known = new Map(project.facade.orders.list().map((order) => [order.client_order_id, order]))
  const theirs = await ordersAt(port)
  assert.is(theirs.length, project.facade.metrics.counter("orders_acked"))
  for (const { clientOrderId, status, executedQty } of theirs) {
    const ours = known.get(clientOrderId)
    assert.ok(ours, `the engine does not know ${clientOrderId}`)
    assert.equal([ours.status, Number(ours.filled_qty)], [status, Number(executedQty)], clientOrderId)
  }
}

/** How the binance plugin is told of an exchange on this machine. */
export function addressesOf({ port }: { port: number }): Record<string, string> {
  const ws = `ws://127.0.0.1:${port}`
  return { rest_url: ws.replace("ws:", "http:"), stream_url: ws, api_url: `${ws}/ws-api/v3` }
}

/** An engine at an exchange that is not its own child, so that it can be asked when the engine is gone. */
export async function atOutsideVenue(
  topology: Topology,
  run: (project: Project, exchange: LaunchedExchange) => Promise<void>,
  plugins: Record<string, unknown> = {},
): Promise<void> {
  const exchange = await launchExchange({ symbols: ["BTCUSDT"], api_key: API_KEY, api_secret: API_SECRET })
  try {
    await atVenue(topology, exchange, (project) => run(project, exchange), { plugins })
  } finally {
    await exchange.close()
  }
}

export interface VenueTest {
  readonly plugins?: Record<string, unknown>
  /** Options of the binance plugin beside its addresses. */
  readonly binance?: Record<string, unknown>
  /** The engine's own options. */
  readonly root?: Record<string, unknown>
  readonly handover?: EngineOptions["handover"]
}

/** An engine that trades at this exchange. */
export async function atVenue(
  topology: Topology | undefined,
  exchange: { port: number },
  run: (project: Project) => Promise<void>,
  { plugins = {}, binance = {}, root = {}, handover }: VenueTest = {},
): Promise<void> {
  const project = new Project(topology)
  Object.assign(process.env, { VELOZ_API_KEY: API_KEY, VELOZ_API_SECRET: API_SECRET })
  try {
    const all = { binance: { ...addressesOf(exchange), ...binance }, ...plugins }
    project.save({ ...config(all), ...root, venue: { kind: "binance" } })
    await project.start({ handover })
    await run(project)
  } finally {
    delete process.env.VELOZ_API_KEY
    delete process.env.VELOZ_API_SECRET
    await project.end()
  }
}
