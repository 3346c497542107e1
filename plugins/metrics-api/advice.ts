import type { CpuAffinityOptions, MarketDataOptions, OrderProcessingOptions, ProfileAdvice } from "veloz"

/** What this configuration could set to make a stage cheaper. Stages that no option changes are left out. */
export function adviseOn(config: Record<string, unknown>): ProfileAdvice {
  const options = optionsOf(config)
  return { order_path: givenOn(ORDER_ADVICE, options), market_data_path: givenOn(MARKET_ADVICE, options) }
}

interface PipelineOptions {
  readonly orders: Partial<OrderProcessingOptions>
  readonly market: Partial<MarketDataOptions>
  readonly affinity: Partial<CpuAffinityOptions>
}

/** Names the option that makes a stage cheaper, or undefined when every such option is set already. */
type Advice = (options: PipelineOptions) => string | undefined

// Stages that no option changes have no entry: the HTTP server, the encoding, and the exchange itself.

const ORDER_ADVICE: Record<string, Advice> = {
  validation: ({ orders }) =>
    orders.skip_redundant_validation
      ? undefined
      : "Set plugins.order-processing.skip_redundant_validation to true: orders of strategies are valid by construction.",
  risk_check: ({ orders }) =>
    orders.async_risk_check
      ? undefined
      : "Set plugins.order-processing.async_risk_check to true: checks that are declared deferrable then run after the send.",
  network_send: ({ orders }) => {
    const size = orders.batch_size ?? 1
    return size > 1
      ? `Lower plugins.order-processing.batch_size (${size}) or batch_wait_us (${orders.batch_wait_us}): frames wait for their batch to fill.`
      : "Each frame is a system call of its own: where orders come in bursts, raise plugins.order-processing.batch_size (1)."
  },
  network_receive: pinning,
}

const MARKET_ADVICE: Record<string, Advice> = {
  websocket_receive: pinning,
  deserialization: ({ market }) =>
    market.use_incremental_updates
      ? undefined
      : "Set plugins.market-data.use_incremental_updates to true: differences are a fraction of a snapshot's bytes.",
  order_book_update: ({ market }) => {
    if (!market.use_incremental_updates) {
      return "Set plugins.market-data.use_incremental_updates to true: a snapshot rebuilds the book each time."
    }
    const depth = market.order_book_depth ?? 1
    return depth > 1
      ? `Lower plugins.market-data.order_book_depth (${depth}) to the levels that strategies read: each published level is copied.`
      : undefined
  },
  strategy_notify: ({ market }) => {
    const gapUs = market.update_throttle_us ?? 0
    if (gapUs > 0) return `Lower plugins.market-data.update_throttle_us (${gapUs}): updates wait for the gap to end.`
    return market.conflate_updates
      ? "Set plugins.market-data.conflate_updates to false: updates wait until the thread is idle."
      : "Set plugins.market-data.conflate_updates to true, or update_throttle_us above 0: strategies then hear of fewer, newer states."
  },
}

function pinning({ affinity }: PipelineOptions): string | undefined {
  return affinity.enabled
    ? undefined
    : "Set plugins.cpu-affinity.enabled with engine_thread_cores: a thread that stays on its core wakes sooner. Measure before you keep it."
}

function givenOn(advice: Record<string, Advice>, options: PipelineOptions): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [stage, advise] of Object.entries(advice)) {
    const recommendation = advise(options)
    if (recommendation !== undefined) given[stage] = recommendation
  }
  return given
}

function optionsOf(config: Record<string, unknown>): PipelineOptions {
  const plugins = (config.plugins ?? {}) as Record<string, unknown>
  const of = (name: string): object => (typeof plugins[name] === "object" ? (plugins[name] ?? {}) : {})
  return {
    orders: of("order-processing") as PipelineOptions["orders"],
    market: of("market-data") as PipelineOptions["market"],
    affinity: of("cpu-affinity") as PipelineOptions["affinity"],
  }
}
