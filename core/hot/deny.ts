// Why WE refused an order (the venue rejects; we deny). 0 is "no objection" wherever a reason is returned.
// Numbers below FIRST_PLUGIN_REASON are the engine's own; risk checks of plugins get theirs from `order.reason(name)`.
export const DenyReason = {
  None: 0,
  /** A ring on the way has no room. Nothing was sent. */
  RingFull: 1,
  /** The order connection of the venue is away. */
  VenueAway: 2,
  /** The engine is stopping, or is not ready yet. */
  NotRunning: 3,
  /** A risk check failed in itself: everything is denied until an operator or a new generation clears it. */
  RiskHalted: 4,
  /** An open order carries this client order id already. */
  DuplicateClientOrderId: 5,
  /** The symbol is not traded by this engine. */
  UnknownSymbol: 6,
  /** Side, type or time in force is none that exists, or a number is not a positive integer. */
  Malformed: 7,
  /** The client order id is empty, too long, or has bytes outside [a-zA-Z0-9-_]. */
  ClientOrderId: 8,
  /** A market order carries a price, or a limit order none. */
  Price: 9,
  /** A validation tap objects without a reason of its own. */
  Invalid: 10,
  /** The order named in a cancel is not open here. */
  NotOpen: 11,
  /** The frame could not be encoded. */
  Unencodable: 12,
} as const

export const FIRST_PLUGIN_REASON = 64
