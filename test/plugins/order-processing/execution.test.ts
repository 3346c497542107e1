import { createHmac } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type LaunchedExchange, launchExchange } from "../../../plugins/sim-exchange/io/launch.js"
import { RunningEngine } from "../../support/running-engine.js"
import { TOPOLOGIES } from "../../support/topologies.js"

// What the engine says over HTTP of its positions and its account is compared with what the exchange says.

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]
const API_KEY = "execution-test"
const API_SECRET = "execution-test-secret"

interface Position {
  size: string
  current_price: string
  unrealized_pnl: string
  realized_pnl: string
}
interface Balance {
  asset: string
  free: string
  locked: string
}
interface Ping {
  ok: boolean
  venue: string
  engine_rtt_us: number
  venue_rtt_us: number | null
}
interface VenueTrade {
  id: number
  qty: string
  quoteQty: string
  isBuyer: boolean
}

for (const topology of TOPOLOGIES) {
  const cwd = mkdtempSync(join(tmpdir(), "veloz-execution-"))
  let exchange: LaunchedExchange
  let engine: RunningEngine

  const save = (quoter: object | false): void => {
    const ws = `ws://127.0.0.1:${exchange.port}`
    const binance = { rest_url: ws.replace("ws:", "http:"), stream_url: ws, api_url: `${ws}/ws-api/v3` }
    const plugins = { binance, quoter }
    const config = { presets: ["low-latency"], topology, venue: { kind: "binance" }, plugins }
    writeFileSync(join(cwd, "veloz.config.json"), JSON.stringify(config))
  }
  const position = async (): Promise<Position> =>
    ((await engine.get("/api/positions")) as { positions: Position[] }).positions[0]
  const ping = (): Promise<Ping> => engine.get("/api/execution/ping") as Promise<unknown> as Promise<Ping>
  const trade = async (side: string, qty: string): Promise<void> => {
    const order = { side, symbol: "BTCUSDT", qty, type: "MARKET", client_order_id: `${side}-${qty.slice(2)}` }
    await post(engine, "/api/order", order)
    await until("it is filled", async () => {
      const { status } = await engine.get(`/api/order_state?client_order_id=${order.client_order_id}`)
      return status === "FILLED"
    })
  }
  const atTheExchange = <T>(path: string, params = ""): Promise<T> => askExchange(exchange.port, path, params)

  test(`${topology}: an engine trades at an exchange that can be asked too`, async () => {
    exchange = await launchExchange({ symbols: ["BTCUSDT"], api_key: API_KEY, api_secret: API_SECRET })
    Object.assign(process.env, { VELOZ_API_KEY: API_KEY, VELOZ_API_SECRET: API_SECRET })
    save(false)
    engine = await RunningEngine.start(COMMAND, cwd)
    const { venue, engine_rtt_us, venue_rtt_us } = await until("the ping is ok", async () => {
      const answer = await ping()
      return answer.ok && answer
    })
    assert.is(venue, "up")
    assert.ok(engine_rtt_us > 0 && venue_rtt_us! > 0)
  })

  test(`${topology}: a position is what was bought less sold, and gains what the exchange's trades say`, async () => {
    await until("there is a market", async () => (await position()).current_price !== null)
    assert.is((await position()).size, "0.00000")
    await trade("BUY", "0.004")
    await trade("SELL", "0.001")
    assert.is((await position()).size, "0.00300")
    await trade("SELL", "0.005")
    const { size, current_price, unrealized_pnl, realized_pnl } = await position()
    assert.is(size, "-0.00200")
    const trades = await atTheExchange<VenueTrade[]>("myTrades", "symbol=BTCUSDT")
    const paid = sum(trades.map(({ isBuyer, quoteQty }) => (isBuyer ? units(quoteQty) : -units(quoteQty))))
    // In 1e-8 of the quote asset, which counts every one of these amounts exactly.
    const worth = (units(size) * units(current_price)) / 100_000_000n - paid
    assert.is(units(realized_pnl) + units(unrealized_pnl), worth)
  })

  test(`${topology}: the account is the one that the exchange has`, async () => {
    const { balances: theirs } = await atTheExchange<{ balances: Balance[] }>("account")
    const known = theirs.filter(({ asset }) => asset === "BTC" || asset === "USDT")
    await until("they agree", async () => {
      const { balances } = (await engine.get("/api/account")) as { balances: Balance[] }
      return JSON.stringify(balances) === JSON.stringify(known.sort((a, b) => a.asset.localeCompare(b.asset)))
    })
  })

  test(`${topology}: cancel_all leaves nothing open at the exchange`, async () => {
    const price = (Number((await position()).current_price) * 0.9).toFixed(2)
    for (const id of ["a", "b", "c"]) {
      await post(engine, "/api/order", { side: "BUY", symbol: "BTCUSDT", qty: "0.001", price, client_order_id: id })
    }
    assert.is((await atTheExchange<unknown[]>("openOrders")).length, 3)
    const answer = await post(engine, "/api/cancel_all", { symbol: "BTCUSDT" })
    assert.equal(answer, { ok: true, canceled: 3, ended_otherwise: 0, unconfirmed: 0 })
    assert.is((await atTheExchange<unknown[]>("openOrders")).length, 0)
    assert.is((await engine.get("/api/order_state?client_order_id=b")).status, "CANCELED")
  })

  test(`${topology}: with a strategy that trades, position and exchange agree, and cancel_all ends what is open`, async () => {
    save({ orders_per_second: 200 })
    await engine.trading()
    await until("there are fills", async () => {
      const { counters } = (await engine.get("/api/metrics/counters")) as { counters: Record<string, number> }
      return counters.fills > 8
    })
    const outcome = (await post(engine, "/api/cancel_all")) as { ok: boolean; canceled: number }
    assert.ok(outcome.ok, JSON.stringify(outcome))
    save(false)
    await until("the strategy is gone", async () => {
      const { plugins } = (await engine.get("/api/plugins")) as { plugins: { name: string }[] }
      return plugins.every(({ name }) => name !== "quoter")
    })
    assert.ok(((await post(engine, "/api/cancel_all")) as { ok: boolean }).ok)
    assert.is((await atTheExchange<unknown[]>("openOrders")).length, 0)
    const trades = await atTheExchange<VenueTrade[]>("myTrades", "symbol=BTCUSDT&limit=1000")
    const held = sum(trades.map(({ isBuyer, qty }) => (isBuyer ? units(qty) : -units(qty))))
    await until("they agree", async () => units((await position()).size) === held)
  })

  test(`${topology}: a venue that stands still is away, and up again when it goes on`, async () => {
    process.kill(exchange.pid, "SIGSTOP")
    try {
      const { ok, venue, engine_rtt_us, venue_rtt_us } = await ping()
      assert.equal([ok, venue, venue_rtt_us], [false, "away", null])
      assert.ok(engine_rtt_us > 0)
    } finally {
      process.kill(exchange.pid, "SIGCONT")
    }
    await until("it is up", async () => (await ping()).ok)
  })

  test(`${topology}: the engine stops`, async () => {
    assert.is(await engine.stop(), 0)
  })

  test.after(async () => {
    await engine?.stop("SIGKILL")
    await exchange?.close()
    rmSync(cwd, { recursive: true })
  })
}

async function post(engine: RunningEngine, path: string, body?: object): Promise<unknown> {
  const content = body === undefined ? {} : { headers: JSON_CONTENT, body: JSON.stringify(body) }
  const answer = await fetch(engine.url + path, { method: "POST", ...content })
  assert.is(answer.status, 200, await answer.clone().text())
  return answer.json()
}

const JSON_CONTENT = { "content-type": "application/json" }

async function askExchange<T>(port: number, path: string, params: string): Promise<T> {
  const query = `${params}${params === "" ? "" : "&"}timestamp=${Date.now()}`
  const signature = createHmac("sha256", API_SECRET).update(query).digest("hex")
  const url = `http://127.0.0.1:${port}/api/v3/${path}?${query}&signature=${signature}`
  const answer = await fetch(url, { headers: { "X-MBX-APIKEY": API_KEY } })
  assert.is(answer.status, 200)
  return (await answer.json()) as T
}

async function until<T>(what: string, read: () => Promise<T | false>): Promise<T> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const value = await read()
    if (value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`it did not come true in ten seconds: ${what}`)
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

/** Decimal text in units of 1e-8. */
function units(text: string): bigint {
  const [whole, fraction = ""] = text.replace("-", "").split(".")
  const magnitude = BigInt(whole + fraction.padEnd(8, "0"))
  return text.startsWith("-") ? -magnitude : magnitude
}

test.run()
