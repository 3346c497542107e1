/** What the venue answers to a request that it does not fulfil: its own codes and words, so that clients know them. */
export class VenueError extends Error {
  readonly code: number
  readonly status: number
  /** Seconds to wait, for answers about limits. */
  readonly retryAfterSeconds: number | undefined

  constructor(code: number, message: string, status = 400, retryAfterSeconds?: number) {
    super(message)
    this.name = "VenueError"
    this.code = code
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}

// ---- requests

export const invalidJson = () => new VenueError(-1135, "Invalid JSON Request")
export const unsupportedOperation = () => new VenueError(-1020, "This operation is not supported.")
export const unknownPath = () => new VenueError(-1020, "This operation is not supported.", 404)
export const internalError = () => new VenueError(-1000, "An unknown error occurred while processing the request.", 500)
export const invalidTimeUnit = () =>
  new VenueError(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")

export const missingParameter = (name: string) =>
  new VenueError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`)
export const missingEither = (one: string, other: string) =>
  new VenueError(-1102, `Param '${one}' or '${other}' must be sent, but both were empty/null!`)
export const parameterTooGreat = (name: string, most: number) =>
  new VenueError(-1102, `'${name}' contains unexpected value. Cannot be greater than ${most}.`)
export const illegalCharacters = (name: string, range: string) =>
  new VenueError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`)
export const duplicateParameter = () => new VenueError(-1101, "Duplicate values for a parameter detected.")
export const unreadParameters = (read: number, sent: number) =>
  new VenueError(-1104, `Not all sent parameters were read; read '${read}' parameter(s) but was sent '${sent}'.`)
export const emptyParameter = (name: string) => new VenueError(-1105, `Parameter '${name}' was empty.`)
export const notRequired = (name: string) => new VenueError(-1106, `Parameter '${name}' sent when not required.`)
export const tooMuchPrecision = (name: string) => new VenueError(-1111, `Parameter '${name}' has too much precision.`)
export const overflow = (name: string) => new VenueError(-1108, `Parameter '${name}' overflowed.`)
export const invalidTimeInForce = () => new VenueError(-1115, "Invalid timeInForce.")
export const invalidOrderType = () => new VenueError(-1116, "Invalid orderType.")
export const invalidSide = () => new VenueError(-1117, "Invalid side.")
export const invalidSymbol = () => new VenueError(-1121, "Invalid symbol.")
export const invalidCancelRestrictions = () => new VenueError(-1145, "Invalid cancelRestrictions")

// ---- keys and signatures

export const badKeyFormat = () => new VenueError(-2014, "API-key format invalid.", 401)
export const unknownKey = () => new VenueError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
export const badSignature = () => new VenueError(-1022, "Signature for this request is not valid.")
export const staleTimestamp = () => new VenueError(-1021, "Timestamp for this request is outside of the recvWindow.")
export const earlyTimestamp = () =>
  new VenueError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
export const notLoggedOn = () => new VenueError(-1002, "You are not authorized to execute this request.", 401)
export const hmacLogon = () => new VenueError(-4056, "HMAC_SHA256 API key is not supported.")
export const alreadySubscribed = () => new VenueError(-2035, "User Data Stream subscription already active.")
export const notSubscribed = () => new VenueError(-2036, "User Data Stream subscription not active.")

// ---- limits

export const tooManyOrders = (limit: number, interval: string, retryAfterSeconds: number) =>
  new VenueError(
    -1015,
    `Too many new orders; current limit is ${limit} orders per ${interval}.`,
    429,
    retryAfterSeconds,
  )
export const tooMuchWeight = (limit: number, interval: string, retryAfterSeconds: number) =>
  new VenueError(
    -1003,
    `Too much request weight used; current limit is ${limit} request weight per ${interval}. Please use WebSocket Streams for live updates to avoid polling the API.`,
    429,
    retryAfterSeconds,
  )

// ---- orders

export const filterFailure = (filter: string) => new VenueError(-1013, `Filter failure: ${filter}`)
export const rejected = (message: string) => new VenueError(-2010, message)
export const insufficientBalance = () => rejected("Account has insufficient balance for requested action.")
export const duplicateOrder = () => rejected("Duplicate order sent.")
export const wouldMatchImmediately = () => rejected("Order would immediately match and take.")
export const emptyBook = () => rejected("Order book liquidity is less than `LOT_SIZE` filter minimum quantity.")
export const selfTradeModeNotAllowed = () =>
  new VenueError(-1013, "This symbol does not allow the specified self-trade prevention mode.")
export const unknownOrderSent = () => new VenueError(-2011, "Unknown order sent.")
export const cancelRestricted = () => new VenueError(-2011, "Order was not canceled due to cancel restrictions.")
export const noSuchOrder = () => new VenueError(-2013, "Order does not exist.")
