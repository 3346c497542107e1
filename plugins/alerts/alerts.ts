import type { AlertRuleOptions, AlertsOptions, ControlContext } from "veloz"
import { Alert } from "./alert.js"

/** The alerts in force: samples their figures, and tells what begins and what ends. */
export class Alerts {
  #alerts: readonly Alert[] = []

  constructor(private readonly context: Pick<ControlContext<AlertsOptions>, "engine" | "events" | "clock" | "log">) {}

  /** Alerts on the same figure and threshold go on; one that fires and is no more is told as resolved. */
  adopt(rules: readonly AlertRuleOptions[]): void {
    const old = this.#alerts
    this.#alerts = rules.map((rule) => {
      const standing = old.find((alert) => isSame(alert.rule, rule)) ?? new Alert(rule)
      standing.rule = rule
      return standing
    })
    for (const alert of old) {
      if (alert.state === "firing" && !this.#alerts.includes(alert)) this.#tellResolved(alert, "reconfigured")
    }
  }

  sample(): void {
    if (this.#alerts.length === 0) return
    const { engine, clock } = this.context
    const { latency, throughput, counters } = engine.metrics.figures()
    const figures: Record<string, number | null | undefined> = { ...latency, ...throughput, ...counters }
    const now = { monotonicNs: clock.nowNs(), wallMs: Math.floor(clock.wallUs() / 1000) }
    for (const alert of this.#alerts) {
      const change = alert.take(figures[alert.rule.metric] ?? null, now)
      if (change === "fired") this.#tellFired(alert)
      if (change === "resolved") this.#tellResolved(alert, "measured")
    }
  }

  readings(): object[] {
    return this.#alerts.map((alert) => alert.reading())
  }

  #tellFired({ rule, current }: Alert): void {
    const { name, metric, threshold, duration_seconds, action } = rule
    const about = { name, metric, current, threshold, duration_seconds }
    this.context.events.publish("performance", "performance_alert", about)
    if (action !== "log") return
    const duration = duration_seconds === 0 ? "" : ` and has been for ${duration_seconds} s`
    this.context.log.warn(`alert "${name}": ${metric} is ${current}, above ${threshold}${duration}`)
  }

  #tellResolved({ rule, current }: Alert, reason: "measured" | "reconfigured"): void {
    const { name, metric, threshold, action } = rule
    const about = { name, metric, current, threshold, reason }
    this.context.events.publish("performance", "performance_alert_resolved", about)
    if (action !== "log") return
    const words = reason === "measured" ? `${metric} is back at ${current}` : "its rule was changed or removed"
    this.context.log.info(`alert "${name}" is resolved: ${words}`)
  }
}

function isSame(a: AlertRuleOptions, b: AlertRuleOptions): boolean {
  return a.name === b.name && a.metric === b.metric && a.threshold === b.threshold
}
