// The records that travel between roles. A record is a type and a payload; these are the payloads,
// by value, 8-byte aligned. Offsets are bytes from the start of the payload: read a double at
// f64[(payload + OFFSET) >> 3] and an int at i32[(payload + OFFSET) >> 2].
//
// Units: prices in ticks, quantities in lots, *Ns on the engine's monotonic clock (nanoseconds since
// its base second), *Us on the wall clock (microseconds since 1970). 0 means "not known" for times.

/** Record types. Every record between two roles is one of these. */
export const RecordType = {
  /** network -> engine: a depth diff or a slice of a whole-depth snapshot. */
  Depth: 1,
  /** network -> engine -> strategy: one public trade. */
  Trade: 2,
  /** network -> engine: the venue's own best bid and ask (bookTicker). */
  Top: 3,
  /** network -> engine: a side of the venue came up or went away. */
  VenueStatus: 4,
  /** network -> engine: what the venue says of one of our orders. */
  Report: 5,
  /** network -> engine: the bytes of an order have left, or could not. */
  Sent: 6,
  /** network -> engine -> control: the venue's word on one asset of the account. */
  Balance: 7,
  /** engine -> network: send this order. */
  Place: 8,
  /** engine -> network: cancel this order. */
  Cancel: 9,
  /** engine -> network: ask the venue what became of this order. */
  Query: 10,
  /** engine -> network: fetch the whole depth of a symbol again. */
  SnapshotRequest: 11,
  /** strategy or control -> engine: an order is wanted. */
  NewOrder: 12,
  /** strategy or control -> engine: a cancel is wanted. */
  CancelOrder: 13,
  /** engine -> strategy: the book of a symbol changed. */
  BookChanged: 14,
  /** engine -> strategy and control: the whole state of an order after an event. */
  OrderEvent: 15,
  /** network -> engine -> strategy -> engine -> network: the cut of a generation, behind all older records. */
  Marker: 16,
  /** control -> engine -> network: are you there, and is the venue? */
  Ping: 17,
  /** engine -> control, and network -> engine -> control: the answer to a Ping. */
  Pong: 18,
  /** control -> engine: cancel every open order. */
  CancelAll: 19,
  /** engine -> control: what became of the orders of a CancelAll. */
  CancelAllDone: 20,
  /** strategy -> engine: a strategy is gone, and what it has open is to be cancelled. */
  CancelOwned: 21,
} as const

export const Side = { Buy: 0, Sell: 1 } as const
export const OrderType = { Limit: 0, Market: 1, LimitMaker: 2 } as const
export const TimeInForce = { Gtc: 0, Ioc: 1, Fok: 2 } as const

/** The life of an order. Pending* are ours; from New on the venue has spoken. */
export const OrderStatus = {
  PendingNew: 0,
  New: 1,
  PartiallyFilled: 2,
  Filled: 3,
  Canceled: 4,
  Rejected: 5,
  Denied: 6,
  Expired: 7,
  Unknown: 8,
} as const

/** What a report says happened. */
export const ReportKind = {
  /** The venue accepted the order. */
  Ack: 0,
  /** The venue refused the order: an authoritative, final word. */
  Reject: 1,
  /** A trade of ours. */
  Fill: 2,
  Canceled: 3,
  Expired: 4,
  /** The venue refused a cancel; the order lives on (or is unknown there). */
  CancelReject: 5,
  /** The answer to a request was lost: the outcome is not known. */
  Lost: 6,
  /** An answer to a query: the venue's whole view of the order. */
  Status: 7,
  /** An answer to a query: the venue does not know the order. */
  NotFound: 8,
} as const

/** Who asked for an order. */
export const Origin = { Strategy: 0, Http: 1 } as const

/** Who answers a Ping. */
export const PongFrom = { Engine: 0, Venue: 1 } as const

/** The sides of a venue that can be up or away. */
export const VenueChannel = { Market: 0, Orders: 1 } as const

/** Ids are ASCII, a length and up to 40 bytes: | 0 length i32 | 4 bytes ...40 |, 48 bytes with padding. */
export const ID_BYTES = 48
export const ID_MAX_LENGTH = 40
/** A venue's text (the words of a reject): | 0 length i32 | 4 bytes ...124 |. */
export const TEXT_BYTES = 128
export const TEXT_MAX_LENGTH = 124

// Depth
// | 0 symbol i32 | 4 flags i32 | 8 firstUpdateId f64 | 16 finalUpdateId f64 | 24 eventUs f64 |
// | 32 receivedNs f64 | 40 frameNs f64 | 48 decodedNs f64 | 56 bidCount i32 | 60 askCount i32 |
// | 64 levels: bids, then asks, each priceTicks f64, qtyLots f64 |
export const DEPTH_SYMBOL = 0
export const DEPTH_FLAGS = 4
export const DEPTH_FIRST_UPDATE_ID = 8
export const DEPTH_FINAL_UPDATE_ID = 16
export const DEPTH_EVENT_US = 24
export const DEPTH_RECEIVED_NS = 32
export const DEPTH_FRAME_NS = 40
export const DEPTH_DECODED_NS = 48
export const DEPTH_BID_COUNT = 56
export const DEPTH_ASK_COUNT = 60
export const DEPTH_LEVELS = 64
export const LEVEL_BYTES = 16
/** Levels that one record carries at most; larger messages travel in slices. */
export const DEPTH_MAX_LEVELS = 512
export const depthBytes = (levelCount: number): number => DEPTH_LEVELS + levelCount * LEVEL_BYTES

export const DepthFlag = {
  /** Whole depth: the book is replaced, not changed. */
  Snapshot: 1,
  /** First slice of a message. */
  First: 2,
  /** Last slice of a message. */
  Last: 4,
  /** A whole-depth message of a stream of such (not an answer to a request): no continuity to check. */
  Stream: 8,
} as const

// Trade
// | 0 symbol i32 | 4 buyerIsMaker i32 | 8 tradeId f64 | 16 priceTicks f64 | 24 qtyLots f64 |
// | 32 eventUs f64 | 40 receivedNs f64 | 48 frameNs f64 | 56 decodedNs f64 | 64 bookedNs f64 |
// bookedNs is the engine's to fill in, before a record goes on to the strategy.
export const TRADE_SYMBOL = 0
export const TRADE_BUYER_IS_MAKER = 4
export const TRADE_ID = 8
export const TRADE_PRICE_TICKS = 16
export const TRADE_QTY_LOTS = 24
export const TRADE_EVENT_US = 32
export const TRADE_RECEIVED_NS = 40
export const TRADE_FRAME_NS = 48
export const TRADE_DECODED_NS = 56
export const TRADE_BOOKED_NS = 64
export const TRADE_BYTES = 72

// Top
// | 0 symbol i32 | 4 - | 8 updateId f64 | 16 bidTicks f64 | 24 bidLots f64 | 32 askTicks f64 |
// | 40 askLots f64 | 48 receivedNs f64 | 56 frameNs f64 | 64 decodedNs f64 | 72 bookedNs f64 |
// The times lie as in a trade: the engine fills in bookedNs.
export const TOP_SYMBOL = 0
export const TOP_UPDATE_ID = 8
export const TOP_BID_TICKS = 16
export const TOP_BID_LOTS = 24
export const TOP_ASK_TICKS = 32
export const TOP_ASK_LOTS = 40
export const TOP_RECEIVED_NS = 48
export const TOP_FRAME_NS = 56
export const TOP_DECODED_NS = 64
export const TOP_BOOKED_NS = 72
export const TOP_BYTES = 80

// VenueStatus: | 0 channel i32 | 4 up i32 |
export const VENUE_STATUS_CHANNEL = 0
export const VENUE_STATUS_UP = 4
export const VENUE_STATUS_BYTES = 8

// Report
// | 0 kind i32 | 4 status i32 | 8 requestId f64 | 16 tradeId f64 | 24 lastPriceTicks f64 | 32 lastQtyLots f64 |
// | 40 cumulativeLots f64 | 48 venueUs f64 | 56 receivedNs f64 | 64 decodedNs f64 | 72 code i32 | 76 isMaker i32 |
// | 80 clientId | 128 venueId | 176 text |
// requestId is the one the Place, Cancel or Query record carried, or -1 when the venue speaks unasked.
// The lastPriceTicks of a Status is the average of all trades, which need not be whole, or 0 when it is not known.
export const REPORT_KIND = 0
export const REPORT_STATUS = 4
export const REPORT_REQUEST_ID = 8
export const REPORT_TRADE_ID = 16
export const REPORT_LAST_PRICE_TICKS = 24
export const REPORT_LAST_QTY_LOTS = 32
export const REPORT_CUMULATIVE_LOTS = 40
export const REPORT_VENUE_US = 48
export const REPORT_RECEIVED_NS = 56
export const REPORT_DECODED_NS = 64
export const REPORT_CODE = 72
export const REPORT_IS_MAKER = 76
export const REPORT_CLIENT_ID = 80
export const REPORT_VENUE_ID = 128
export const REPORT_TEXT = 176
export const REPORT_BYTES = REPORT_TEXT + TEXT_BYTES

// Sent: | 0 requestId f64 | 8 startedNs f64 | 16 encodedNs f64 | 24 sentNs f64 | 32 reason i32 | 36 - |
// reason is 0, or the deny reason when nothing left this machine.
export const SENT_REQUEST_ID = 0
export const SENT_STARTED_NS = 8
export const SENT_ENCODED_NS = 16
export const SENT_SENT_NS = 24
export const SENT_REASON = 32
export const SENT_BYTES = 40

// Balance: | 0 asset i32 | 4 - | 8 freeUnits f64 | 16 lockedUnits f64 |  (units of 1e-8 of the asset)
export const BALANCE_ASSET = 0
export const BALANCE_FREE_UNITS = 8
export const BALANCE_LOCKED_UNITS = 16
export const BALANCE_BYTES = 24

// Place, Cancel, Query: what the network needs to speak of an order
// | 0 requestId f64 | 8 symbol i32 | 12 side i32 | 16 type i32 | 20 tif i32 | 24 priceTicks f64 |
// | 32 qtyLots f64 | 40 clientId |
export const REQUEST_ID = 0
export const REQUEST_SYMBOL = 8
export const REQUEST_SIDE = 12
export const REQUEST_TYPE = 16
export const REQUEST_TIF = 20
export const REQUEST_PRICE_TICKS = 24
export const REQUEST_QTY_LOTS = 32
export const REQUEST_CLIENT_ID = 40
export const REQUEST_BYTES = REQUEST_CLIENT_ID + ID_BYTES

// SnapshotRequest: | 0 symbol i32 | 4 levels i32 |
export const SNAPSHOT_REQUEST_SYMBOL = 0
export const SNAPSHOT_REQUEST_LEVELS = 4
export const SNAPSHOT_REQUEST_BYTES = 8

// NewOrder, CancelOrder: what a strategy or control asks of the engine
// | 0 symbol i32 | 4 side i32 | 8 type i32 | 12 tif i32 | 16 priceTicks f64 | 24 qtyLots f64 |
// | 32 enteredNs f64 | 40 token f64 | 48 origin i32 | 52 owner i32 | 56 clientId |
// token comes back in every event of the order; owner is the number of the strategy's plugin.
export const ORDER_SYMBOL = 0
export const ORDER_SIDE = 4
export const ORDER_TYPE = 8
export const ORDER_TIF = 12
export const ORDER_PRICE_TICKS = 16
export const ORDER_QTY_LOTS = 24
export const ORDER_ENTERED_NS = 32
export const ORDER_TOKEN = 40
export const ORDER_ORIGIN = 48
export const ORDER_OWNER = 52
export const ORDER_CLIENT_ID = 56
export const ORDER_BYTES = ORDER_CLIENT_ID + ID_BYTES

// BookChanged
// | 0 symbol i32 | 4 changedLevel i32 | 8 updateId f64 | 16 receivedNs f64 | 24 frameNs f64 | 32 decodedNs f64 |
// | 40 bookedNs f64 | 48 bidCount i32 | 52 askCount i32 | 56 isLive i32 | 60 - |
// | 64 bids, then asks: priceTicks f64, qtyLots f64 |
// changedLevel is the level nearest to the touch that changed, counted from 0. The levels are there when the strategy
// runs on another thread than the engine; on the same thread it reads the book itself, and both counts are 0.
export const BOOK_SYMBOL = 0
export const BOOK_CHANGED_LEVEL = 4
export const BOOK_UPDATE_ID = 8
export const BOOK_RECEIVED_NS = 16
export const BOOK_FRAME_NS = 24
export const BOOK_DECODED_NS = 32
export const BOOK_BOOKED_NS = 40
export const BOOK_BID_COUNT = 48
export const BOOK_ASK_COUNT = 52
export const BOOK_IS_LIVE = 56
export const BOOK_LEVELS = 64
export const bookBytes = (levelCount: number): number => BOOK_LEVELS + levelCount * LEVEL_BYTES

// OrderEvent: the whole state of an order
// | 0 sequence f64 | 8 token f64 | 16 symbol i32 | 20 side i32 | 24 type i32 | 28 tif i32 | 32 priceTicks f64 |
// | 40 qtyLots f64 | 48 filledLots f64 | 56 filledNotional f64 | 64 status i32 | 68 reason i32 | 72 code i32 |
// | 76 origin i32 | 80 owner i32 | 84 cause i32 | 88 createdUs f64 | 96 updatedUs f64 | 104 lastPriceTicks f64 |
// | 112 lastQtyLots f64 | 120 tradeId f64 | 128 clientId | 176 venueId | 224 text |
export const EVENT_SEQUENCE = 0
export const EVENT_TOKEN = 8
export const EVENT_SYMBOL = 16
export const EVENT_SIDE = 20
export const EVENT_TYPE = 24
export const EVENT_TIF = 28
export const EVENT_PRICE_TICKS = 32
export const EVENT_QTY_LOTS = 40
export const EVENT_FILLED_LOTS = 48
export const EVENT_FILLED_NOTIONAL = 56
export const EVENT_STATUS = 64
export const EVENT_REASON = 68
export const EVENT_CODE = 72
export const EVENT_ORIGIN = 76
export const EVENT_OWNER = 80
export const EVENT_CAUSE = 84
export const EVENT_CREATED_US = 88
export const EVENT_UPDATED_US = 96
export const EVENT_LAST_PRICE_TICKS = 104
export const EVENT_LAST_QTY_LOTS = 112
export const EVENT_TRADE_ID = 120
export const EVENT_CLIENT_ID = 128
export const EVENT_VENUE_ID = 176
export const EVENT_TEXT = 224
export const EVENT_BYTES = EVENT_TEXT + TEXT_BYTES

/** Why an OrderEvent was published. */
export const EventCause = {
  Denied: 0,
  Sent: 1,
  Ack: 2,
  Reject: 3,
  Fill: 4,
  Canceled: 5,
  Expired: 6,
  CancelRejected: 7,
  /** The outcome is not known; the venue is being asked. */
  Unknown: 8,
  /** A wish (cancel) named an order that is not open here. */
  NotFound: 9,
  /** The state is published again after control missed events. */
  Snapshot: 10,
} as const

// Ping: | 0 token f64 |
export const PING_TOKEN = 0
export const PING_BYTES = 8

// Pong: | 0 token f64 | 8 sentNs f64 | 16 receivedNs f64 | 24 from i32 | 28 isUp i32 |
// The times are those of the round trip to the venue, both 0 when it was not asked. isUp says whether the order
// connection is.
export const PONG_TOKEN = 0
export const PONG_SENT_NS = 8
export const PONG_RECEIVED_NS = 16
export const PONG_FROM = 24
export const PONG_IS_UP = 28
export const PONG_BYTES = 32

// CancelAll: | 0 token f64 | 8 symbol i32, -1 for all | 12 - |
export const CANCEL_ALL_TOKEN = 0
export const CANCEL_ALL_SYMBOL = 8
export const CANCEL_ALL_BYTES = 16

// CancelAllDone: | 0 token f64 | 8 canceled i32 | 12 otherwise i32 | 16 unconfirmed i32 | 20 - |
// otherwise counts the orders that ended in another way, unconfirmed those that are still open.
export const CANCEL_ALL_DONE_TOKEN = 0
export const CANCEL_ALL_DONE_CANCELED = 8
export const CANCEL_ALL_DONE_OTHERWISE = 12
export const CANCEL_ALL_DONE_UNCONFIRMED = 16
export const CANCEL_ALL_DONE_BYTES = 24
// Marker: | 0 generation i32 | 4 attempt i32 | 8 handled i32 | 12 - |
// handled counts the records that the roles have taken since the marker was last with them.
export const MARKER_GENERATION = 0
export const MARKER_ATTEMPT = 4
export const MARKER_HANDLED = 8
export const MARKER_BYTES = 16

// CancelOwned: | 0 owner i32 | 4 - |
export const CANCEL_OWNED_OWNER = 0
export const CANCEL_OWNED_BYTES = 8

/** Levels a side that a book can publish. The schema of order_book_depth has the same bound. */
export const MAX_PUBLISHED_LEVELS = 5000

/** The largest payload any role publishes: what a ring or a scratch buffer must hold. */
export const MAX_RECORD_BYTES = bookBytes(2 * MAX_PUBLISHED_LEVELS)

/** The views of the memory that records live in. All three cover the same bytes. */
export interface RecordViews {
  readonly f64: Float64Array
  readonly i32: Int32Array
  readonly u8: Uint8Array
}
