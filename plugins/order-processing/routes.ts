import { type ControlContext, type OrderProcessingOptions, type OrderWish, VelozError } from "veloz"

const CLIENT_ORDER_ID = { type: "string", pattern: "^[a-zA-Z0-9_-]{1,36}$" }
const SYMBOL = { type: "string", minLength: 1, maxLength: 20 }
/** A JSON number or its text. What it must be a multiple of is the symbol's to say. */
const AMOUNT = { type: ["string", "number"], minLength: 1, maxLength: 40 }

const ORDER = {
  required: ["side", "symbol", "qty"],
  properties: {
    side: { type: "string", enum: ["BUY", "SELL", "buy", "sell"] },
    symbol: SYMBOL,
    qty: AMOUNT,
    price: AMOUNT,
    type: { type: "string", enum: ["LIMIT", "MARKET", "LIMIT_MAKER"] },
    tif: { type: "string", enum: ["GTC", "IOC", "FOK"] },
    client_order_id: CLIENT_ORDER_ID,
  },
}

const ACCEPTED = {
  type: "object",
  properties: {
    ok: { type: "boolean" },
    client_order_id: { type: "string" },
    venue_order_id: { type: ["string", "null"] },
  },
}

/** Order entry and its read model. A POST answers when the venue has, from the same flow that the reads see. */
export function addOrderRoutes({ http, engine }: ControlContext<OrderProcessingOptions>): void {
  http.route({
    method: "POST",
    url: "/api/order",
    summary: "Places an order; answers once the venue has acknowledged it",
    body: ORDER,
    response: ACCEPTED,
    handler: async ({ body, receivedNs }) => {
      const { side, ...wish } = body as unknown as Omit<OrderWish, "enteredNs">
      const bySide = side.toUpperCase() as OrderWish["side"]
      const { client_order_id, venue_order_id } = await engine.orders.place({
        ...wish,
        side: bySide,
        enteredNs: receivedNs,
      })
      return { ok: true, client_order_id, venue_order_id }
    },
  })
  http.route({
    method: "POST",
    url: "/api/cancel",
    summary: "Cancels an open order; answers once the venue has",
    body: { required: ["client_order_id"], properties: { client_order_id: CLIENT_ORDER_ID, symbol: SYMBOL } },
    handler: async ({ body }) => {
      const symbol = body.symbol as string | undefined
      const { client_order_id, status } = await engine.orders.cancel(body.client_order_id as string, symbol)
      return { ok: true, client_order_id, status }
    },
  })
  http.route({
    method: "POST",
    url: "/api/cancel_all",
    summary: "Cancels every open order, or every one of a symbol; answers once the venue has finished them",
    body: { type: ["object", "null"], properties: { symbol: SYMBOL } },
    handler: ({ body }) => engine.orders.cancelAll(body.symbol as string | undefined),
  })
  http.route({
    method: "GET",
    url: "/api/order_state",
    summary: "One order as it stands",
    query: { required: ["client_order_id"], properties: { client_order_id: CLIENT_ORDER_ID } },
    handler: ({ query }) =>
      engine.orders.get(query.client_order_id as string) ?? notFound(query.client_order_id as string),
  })
  http.route({
    method: "GET",
    url: "/api/orders_state",
    summary: "Open orders, then the finished ones, newest first",
    handler: () => ({ orders: engine.orders.list() }),
  })
  http.route({
    method: "GET",
    url: "/api/orders",
    summary: "The latest order events, newest first",
    handler: () => ({ items: engine.orders.events() }),
  })
}

function notFound(clientOrderId: string): never {
  throw new VelozError(
    "VELOZ_ORDER_NOT_FOUND",
    `there is no order "${clientOrderId}" here; GET /api/orders_state lists the ones that are known`,
    { status: 404, httpCode: "not_found", field: "client_order_id" },
  )
}
