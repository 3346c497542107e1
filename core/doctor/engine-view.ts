import type { LatencySummary, ThreadReading } from "../kernel/contract.js"
import type { TunableReading } from "../tuning/tunable.js"

/** What a running engine tells of itself. What a plugin that is off would tell is undefined. */
export interface EngineView {
  readonly config: {
    readonly venue: { readonly kind: string }
    readonly plugins: Readonly<Record<string, Readonly<Record<string, unknown>> | false>>
  }
  readonly threads: readonly ThreadReading[]
  readonly tunables: readonly TunableReading[]
  readonly latency: { readonly order_to_ack: LatencySummary }
  readonly ordersPerSecond: number
  readonly memory: MemoryView | undefined
  readonly sockets: readonly { readonly connection: string; readonly peer: string | null }[]
}

export interface MemoryView {
  readonly pools: Readonly<Record<string, { readonly heap_fallbacks: number; readonly capacity: number }>>
  readonly process: { readonly major_faults: number }
  readonly isolates: readonly { readonly roles: readonly string[]; readonly semi_space_mb: number | null }[]
}

/** Asks an engine; `get` throws for what it does not have. */
export async function readEngineView(
  get: <T>(path: string, member: keyof T & string) => Promise<T>,
): Promise<EngineView> {
  const maybe = <T>(path: string, member: keyof T & string): Promise<T | undefined> =>
    get<T>(path, member).catch(() => undefined)
  const { config } = await get<Pick<EngineView, "config">>("/api/config", "config")
  const { threads } = await get<Pick<EngineView, "threads">>("/api/metrics/threads", "threads")
  const { tunables } = await get<Pick<EngineView, "tunables">>("/api/tuning", "tunables")
  const { latency, throughput } = await get<
    Pick<EngineView, "latency"> & { throughput: { orders_per_second: number } }
  >("/api/metrics/latency", "latency")
  const network = await maybe<Pick<EngineView, "sockets">>("/api/metrics/network", "sockets")
  const memory = await maybe<MemoryView>("/api/metrics/memory", "pools")
  const ordersPerSecond = throughput.orders_per_second
  return { config, threads, tunables, latency, ordersPerSecond, memory, sockets: network?.sockets ?? [] }
}
