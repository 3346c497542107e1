import type { Clock } from "../hot/clock.js"
import type { Link } from "../hot/link.js"
import { RecordType } from "../hot/records.js"
import type { RingBuffer, RingHandler } from "../hot/ring.js"
import { BalanceSheet } from "./balances.js"
import type { BoardReader } from "./board-reader.js"
import type { DenyReasons } from "./deny-reasons.js"
import { ExecutionProbe } from "./execution-probe.js"
import { EventFedOrderDesk } from "./order-desk.js"
import { PositionBook } from "./positions.js"
import type { SymbolTable } from "./symbols.js"

export interface ReadModelParts extends EngineEnds {
  readonly clock: Clock
  readonly reasons: DenyReasons
}

/** Control's ends of one set of hot threads. */
export interface EngineEnds {
  readonly symbols: SymbolTable
  readonly boards: BoardReader
  /** What the engine tells. */
  readonly events: RingBuffer
  /** Wishes for the engine, and the bell that wakes it. */
  readonly commands: Link
  readonly ring: () => void
}

/** What control knows of orders, positions and the account: made of one flow of events, so that all agree. */
export interface ReadModels {
  readonly desk: EventFedOrderDesk
  readonly positions: PositionBook
  readonly account: BalanceSheet
  readonly probe: ExecutionProbe
  /** Takes the events that wait, so that who reads sees everything that has happened. Returns how many. */
  takeEvents(): number
  /** Other threads go on with the orders. What these had said is taken before. */
  moveTo(ends: EngineEnds, isSameVenue: boolean): void
  close(): void
}

export function createReadModels(parts: ReadModelParts): ReadModels {
  const { symbols, clock, reasons, boards, commands, ring } = parts
  let { events } = parts
  const onRecord: RingHandler = (type, offset, length, views) => {
    if (type === RecordType.Balance) return account.take(views, offset)
    if (type === RecordType.Pong) return probe.take(views, offset)
    if (type === RecordType.OrderEvent) positions.take(views, offset)
    desk.onRecord(type, offset, length, views)
  }
  const takeEvents = whileNotIn(() => events.poll(onRecord))
  const desk = new EventFedOrderDesk(symbols, clock, reasons, commands, ring, takeEvents)
  const positions = new PositionBook(symbols, boards.twicePriceTicks, takeEvents)
  const account = new BalanceSheet(symbols.assets, takeEvents)
  const probe = new ExecutionProbe(clock, reasons, commands, ring)
  const moveTo = (ends: EngineEnds, isSameVenue: boolean): void => {
    while (takeEvents() > 0);
    events = ends.events
    desk.moveTo(ends.symbols, ends.commands, ends.ring)
    positions.moveTo(ends.symbols, ends.boards.twicePriceTicks, isSameVenue)
    account.moveTo(ends.symbols.assets, isSameVenue)
    probe.moveTo(ends.commands, ends.ring)
  }
  const close = (): void => {
    desk.close()
    probe.close()
  }
  return { desk, positions, account, probe, takeEvents, moveTo, close }
}

/** Who listens to an event may read: by then the events before it are taken, and those behind it come next. */
function whileNotIn(act: () => number): () => number {
  let isIn = false
  return () => {
    if (isIn) return 0
    isIn = true
    try {
      return act()
    } finally {
      isIn = false
    }
  }
}
