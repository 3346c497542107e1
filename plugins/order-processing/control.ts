import type { ControlContext, OrderProcessingOptions } from "veloz"
import { addAccountRoutes } from "./account-routes.js"
import { addOrderRoutes } from "./routes.js"

export function control(context: ControlContext<OrderProcessingOptions>): void {
  addOrderRoutes(context)
  addAccountRoutes(context)
  const { http, engine } = context
  http.route({
    method: "POST",
    url: "/api/config/order_processing",
    summary: "Changes any of the order path's options, live",
    body: context.schema,
    handler: async ({ body }) => {
      const changes = Object.entries(body).map(([name, value]) => [`plugins.order-processing.${name}`, value])
      await engine.configuration.change(Object.fromEntries(changes), "POST /api/config/order_processing")
      return { ok: true, order_processing: currentOptions(context) }
    },
  })
}

/** Read from the engine, because a change may have replaced this very part and its view of the options. */
function currentOptions({ engine }: ControlContext<OrderProcessingOptions>): unknown {
  return (engine.configuration.effective().plugins as Record<string, unknown>)["order-processing"]
}
