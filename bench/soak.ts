import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

// Runs the default configuration for some minutes and looks at it from outside: latencies as the API tells them,
// memory and CPU as /proc does. `npm run soak -- --minutes 5`. Exits 1 when a book lost updates, when orders went
// missing, or when memory still grows after the first minute.

interface Sample {
  readonly second: number
  readonly engineCpuPct: number
  readonly exchangeCpuPct: number
  readonly rssMb: number
  readonly latency: Latency
  readonly counters: Record<string, number>
}

interface Latency {
  readonly latency: {
    readonly order_to_ack: Ack & { readonly total: Ack }
    readonly market_data: Processing & { readonly total: Processing }
  }
  readonly throughput: { readonly orders_per_second: number; readonly market_updates_per_second: number }
}

/** Of the last minute; `total` is since the start. */
interface Ack {
  readonly p50_us: number | null
  readonly p99_us: number | null
}

interface Processing {
  readonly processing_p50_us: number | null
  readonly processing_p99_us: number | null
}

const MAIN = fileURLToPath(new URL("../core/cli/main.js", import.meta.url))
const PERIOD_SECONDS = 10
/** Growth that a heap which is collected now and then shows without leaking. */
const MAX_GROWTH_MB_PER_MINUTE = 4

async function soak(minutes: number, port: number): Promise<number> {
  const engine = spawn(process.execPath, [MAIN, "start", "--port", String(port)], {
    stdio: ["ignore", "ignore", "inherit"],
  })
  try {
    await untilHealthy(port, engine)
    const samples = await sampleFor(minutes * 60, port, engine.pid!)
    return judge(samples)
  } finally {
    engine.kill("SIGINT")
    await once(engine, "exit")
  }
}

async function sampleFor(seconds: number, port: number, pid: number): Promise<Sample[]> {
  const samples: Sample[] = []
  const exchangePid = childOf(pid)
  console.log("   s  cpu%  exch%  rss MB  ack p50/p99 us    processing p50/p99 us  orders/s  updates/s  gaps")
  let before = { engine: cpuSeconds(pid), exchange: cpuSeconds(exchangePid) }
  for (let second = PERIOD_SECONDS; second <= seconds; second += PERIOD_SECONDS) {
    await new Promise((resolve) => setTimeout(resolve, PERIOD_SECONDS * 1000))
    const now = { engine: cpuSeconds(pid), exchange: cpuSeconds(exchangePid) }
    const sample = {
      second,
      engineCpuPct: ((now.engine - before.engine) / PERIOD_SECONDS) * 100,
      exchangeCpuPct: ((now.exchange - before.exchange) / PERIOD_SECONDS) * 100,
      rssMb: rssMb(pid),
      latency: await get<Latency>(port, "/api/metrics/latency"),
      counters: (await get<{ counters: Record<string, number> }>(port, "/api/metrics/counters")).counters,
    }
    before = now
    samples.push(sample)
    print(sample)
  }
  return samples
}

function judge(samples: readonly Sample[]): number {
  const settled = samples.filter(({ second }) => second > 60)
  const { counters, latency } = samples.at(-1)!
  const { order_to_ack: ack, market_data: market } = latency.latency
  const growthMb = slopePerMinute(settled.map(({ second, rssMb }) => [second, rssMb]))
  const ended = ["orders_filled", "orders_canceled", "orders_rejected", "open_orders"].reduce(
    (sum, n) => sum + counters[n],
    0,
  )
  const failures = [
    counters.book_gaps > 0 && `${counters.book_gaps} gaps in the book`,
    counters.orders_unknown > 0 && `${counters.orders_unknown} orders whose outcome was not known`,
    Math.abs(counters.orders_sent - ended) > 2 && `${counters.orders_sent} orders sent, ${ended} accounted for`,
    growthMb > MAX_GROWTH_MB_PER_MINUTE && `memory grows by ${growthMb.toFixed(1)} MB a minute`,
  ].filter((failure) => failure !== false)
  console.log(`memory after the first minute: ${growthMb.toFixed(2)} MB a minute; orders sent ${counters.orders_sent}`)
  console.log(`all of it, p50: order_to_ack ${ack.total.p50_us} us, processing ${market.total.processing_p50_us} us`)
  for (const failure of failures) console.log(`FAILED: ${failure}`)
  return failures.length === 0 ? 0 : 1
}

function print({ second, engineCpuPct, exchangeCpuPct, rssMb: rss, latency, counters }: Sample): void {
  const { order_to_ack: ack, market_data: market } = latency.latency
  const { orders_per_second, market_updates_per_second } = latency.throughput
  const columns = [
    String(second).padStart(4),
    engineCpuPct.toFixed(1).padStart(5),
    exchangeCpuPct.toFixed(1).padStart(6),
    rss.toFixed(1).padStart(7),
    `${ack.p50_us} / ${ack.p99_us}`.padEnd(18),
    `${market.processing_p50_us} / ${market.processing_p99_us}`.padEnd(22),
    orders_per_second.toFixed(1).padStart(8),
    market_updates_per_second.toFixed(0).padStart(10),
    String(counters.book_gaps).padStart(5),
  ]
  console.log(columns.join(" "))
}

/** Least squares through [seconds, megabytes]. */
function slopePerMinute(points: readonly (readonly [number, number])[]): number {
  if (points.length < 2) return 0
  const mean = (index: 0 | 1): number => points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [meanX, meanY] = [mean(0), mean(1)]
  const top = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0)
  const bottom = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0)
  return (top / bottom) * 60
}

async function untilHealthy(port: number, engine: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 100 && engine.exitCode === null; attempt += 1) {
    const isHealthy = await get(port, "/api/health").then(
      () => true,
      () => false,
    )
    if (isHealthy) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error("the engine did not start")
}

async function get<T>(port: number, path: string): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`)
  return (await response.json()) as T
}

const TICKS_PER_SECOND = 100

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ")
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function rssMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").at(-1))
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "5" }, port: { type: "string", default: "18099" } },
})
process.exitCode = await soak(Number(values.minutes), Number(values.port))
