import type { ControlContext, OrderProcessingOptions } from "veloz"

/** What the orders have come to, and how alive their way is. */
export function addAccountRoutes({ http, engine }: ControlContext<OrderProcessingOptions>): void {
  http.route({
    method: "GET",
    url: "/api/positions",
    summary: "What this engine has bought less sold since its start, with profit and loss",
    handler: () => ({ positions: engine.positions.list() }),
  })
  http.route({
    method: "GET",
    url: "/api/account",
    summary: "Balances, as the venue last said them",
    handler: () => ({ balances: engine.account.balances() }),
  })
  http.route({
    method: "GET",
    url: "/api/execution/ping",
    summary: "Asks the engine and the venue for a sign of life, and measures both",
    handler: () => engine.ping(),
  })
}
