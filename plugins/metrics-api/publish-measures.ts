import type { ControlContext, MetricsApiOptions } from "veloz"

const PERIOD_MS = 1000
/** The least time between two events of one symbol's market. */
const MARKET_PERIOD_MS = 100

/**
 * Tells of what changes all the time, while somebody listens. Nothing of it is kept for later otherwise: of a measure
 * that nobody saw only the newest is worth anything, and that is what GET requests answer with.
 */
export function publishMeasures({ engine, events, timers }: ControlContext<MetricsApiOptions>): void {
  timers.every(PERIOD_MS, () => {
    if (!events.isWanted("performance")) return
    const { latency, throughput } = engine.metrics.figures()
    events.publish("performance", "latency_update", latency)
    events.publish("performance", "throughput_update", throughput)
  })

  const told = new Map<string, string>()
  timers.every(MARKET_PERIOD_MS, () => {
    if (!events.isWanted("market")) return told.clear()
    for (const { name } of engine.symbols.all) {
      const top = engine.market.top(name)
      const text = JSON.stringify(top)
      if (top.timestamp === null || text === told.get(name)) continue
      told.set(name, text)
      events.publish("market", "market", top)
    }
  })
}
