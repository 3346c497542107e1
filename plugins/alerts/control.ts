import { type AlertsOptions, type ControlContext, type Part, VelozError } from "veloz"
import { Alerts } from "./alerts.js"
import { addAlertRoutes } from "./routes.js"

/** As often as the figures change. */
const SAMPLE_MS = 1000

export function control(context: ControlContext<AlertsOptions>): Part {
  const { options, engine, timers } = context
  const alerts = new Alerts(context)
  alerts.adopt(options.rules)
  addAlertRoutes(context, alerts)
  // Names of counters are known when the hot parts that count are prepared.
  context.onPrepared(({ rules }, { report }) => {
    for (const [index, { metric }] of rules.entries()) {
      try {
        engine.metrics.requireFigure(metric, `plugins.alerts.rules[${index}].metric`)
      } catch (error) {
        if (error instanceof VelozError) report(error)
        else throw error
      }
    }
  })
  timers.every(SAMPLE_MS, () => alerts.sample())
  return { retune: () => alerts.adopt(options.rules), dispose: () => alerts.adopt([]) }
}
