import type { EventFedOrderDesk } from "../pipeline/order-desk.js"
import type { EventLog } from "./event-log.js"

/** Tells of every step of an order's life, and of each of its fills. */
export function publishOrders(desk: Pick<EventFedOrderDesk, "onEvent">, events: EventLog): void {
  desk.onEvent((event, order, fill) => {
    // The answer to a cancel that named no order of ours.
    if (event === "not_found") return
    events.publish("orders", "order_update", { event, ...order })
    if (fill === undefined) return
    const { client_order_id, venue_order_id, symbol, side, filled_qty, status } = order
    const about = { client_order_id, venue_order_id, symbol, side, ...fill, filled_qty, status }
    events.publish("orders", "fill", about)
  })
}
