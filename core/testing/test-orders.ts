import type { OrderState } from "../kernel/contract.js"

export type TestOrderState =
  | "pending"
  | "open"
  | "partially-filled"
  | "filled"
  | "canceled"
  | "rejected"
  | "denied"
  | "expired"
  | "unknown"

const STATES: Readonly<Record<string, TestOrderState>> = {
  PENDING_NEW: "pending",
  NEW: "open",
  PARTIALLY_FILLED: "partially-filled",
  FILLED: "filled",
  CANCELED: "canceled",
  REJECTED: "rejected",
  DENIED: "denied",
  EXPIRED: "expired",
  UNKNOWN: "unknown",
}
const OPEN: readonly TestOrderState[] = ["pending", "open", "partially-filled", "unknown"]

/** An order as the engine last told of it. The object stays the same and follows the engine. */
export class TestOrder {
  state: TestOrderState = "pending"
  /** The name of the reason for which the engine denied it. */
  denied: string | undefined
  /** Everything that the engine told of it, oldest first: "sent", "ack", "fill", ... */
  readonly events: string[] = []
  filled = ""
  averagePrice: string | null = null

  constructor(
    readonly id: string,
    readonly symbol: string,
    readonly side: "buy" | "sell",
    readonly qty: string,
    readonly price: string | null,
  ) {}

  get isOpen(): boolean {
    return OPEN.includes(this.state)
  }

  tell(event: string, order: OrderState): void {
    this.events.push(event)
    this.state = STATES[order.status] ?? "unknown"
    this.filled = order.filled_qty
    this.averagePrice = order.avg_price
    if (this.state === "denied") this.denied = nameOfReason(order.reason?.code ?? "")
  }
}

/** All orders of a test, those of strategies included, in the order in which the engine first told of them. */
export class TestOrders {
  readonly all: TestOrder[] = []
  // More than one order may have had an id, one after the other; the newest counts.
  readonly #byId = new Map<string, TestOrder[]>()

  get open(): TestOrder[] {
    return this.all.filter(({ isOpen }) => isOpen)
  }

  get last(): TestOrder | undefined {
    return this.all.at(-1)
  }

  get(id: string): TestOrder | undefined {
    return this.#byId.get(id)?.at(-1)
  }

  add(order: TestOrder): void {
    this.all.push(order)
    const others = this.#byId.get(order.id)
    if (others === undefined) this.#byId.set(order.id, [order])
    else others.push(order)
  }

  readonly onEvent = (event: string, state: OrderState): void => {
    if (event === "not_found") return
    const known = this.#byId.get(state.client_order_id)
    const order = known?.at(-1) ?? this.#strategyOrder(state)
    order.tell(event, state)
    // The denial of a second order with the id of an open one: the open one is asked for by its id again.
    if (order.denied === "duplicate-client-order-id" && known !== undefined && known.length > 1) known.pop()
  }

  #strategyOrder(state: OrderState): TestOrder {
    const { client_order_id, symbol, side, qty, price } = state
    const order = new TestOrder(client_order_id, symbol, side === "BUY" ? "buy" : "sell", qty, price)
    this.add(order)
    return order
  }
}

/** `risk_max_notional` is the reason "max-notional" of a plugin. */
function nameOfReason(code: string): string {
  return code.replace(/^risk_/, "").replaceAll("_", "-")
}
