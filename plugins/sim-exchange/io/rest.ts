import type { IncomingMessage, ServerResponse } from "node:http"
import type { Account } from "../account.js"
import { parseTimeUnit, type TimeUnit } from "../answers.js"
import { accountOfKey, checkSigned } from "../authentication.js"
import {
  accountStatus,
  aggregateTrades,
  allOrders,
  bookTicker,
  type Desk,
  depth,
  exchangeInfo,
  myTrades,
  type Operation,
  openOrdersCancelAll,
  openOrdersStatus,
  orderCancel,
  orderPlace,
  orderRateLimits,
  orderStatus,
  orderTest,
  ping,
  priceTicker,
  time,
  trades,
} from "../operations.js"
import { Params } from "../params.js"
import { internalError, invalidTimeUnit, unknownPath, VenueError } from "../venue-error.js"

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /api/v3/ping": ping,
  "GET /api/v3/time": time,
  "GET /api/v3/exchangeInfo": exchangeInfo,
  "GET /api/v3/depth": depth,
  "GET /api/v3/trades": trades,
  "GET /api/v3/aggTrades": aggregateTrades,
  "GET /api/v3/ticker/bookTicker": bookTicker,
  "GET /api/v3/ticker/price": priceTicker,
  "POST /api/v3/order": orderPlace,
  "POST /api/v3/order/test": orderTest,
  "DELETE /api/v3/order": orderCancel,
  "GET /api/v3/order": orderStatus,
  "GET /api/v3/openOrders": openOrdersStatus,
  "DELETE /api/v3/openOrders": openOrdersCancelAll,
  "GET /api/v3/allOrders": allOrders,
  "GET /api/v3/myTrades": myTrades,
  "GET /api/v3/account": accountStatus,
  "GET /api/v3/rateLimit/order": orderRateLimits,
}

export interface RestRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: string
  readonly headers: IncomingMessage["headers"]
  readonly address: string
}

export interface RestAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: string
}

/** Answers one REST request. Undefined: a test has asked that no answer is given. */
export function answerRest(desk: Desk, request: RestRequest, nowUs: number): RestAnswer | undefined {
  let account: Account | undefined
  const limits = () => limitHeaders(desk, request.address, account, nowUs)
  try {
    const operation = OPERATIONS[`${request.method} ${request.path}`]
    if (operation === undefined) throw unknownPath()
    desk.rateLimits.spendWeight(request.address, operation.weight, nowUs)
    const params = Params.ofForms(request.query, request.body)
    if (operation.isSigned) account = authenticate(desk, request, params, nowUs)
    const body = operation.run(desk, { params, unit: timeUnitOf(request), nowUs, account })
    if (!operation.isSigned) params.finish()
    if (!operation.isOrder) account = undefined
    return body === undefined ? undefined : { status: 200, headers: limits(), body }
  } catch (error) {
    account = undefined
    return refusal(error instanceof VenueError ? error : reported(error), limits())
  }
}

export function readRequest(message: IncomingMessage, body: string): RestRequest {
  const url = message.url ?? "/"
  const mark = url.indexOf("?")
  return {
    method: message.method ?? "GET",
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? "" : url.slice(mark + 1),
    body,
    headers: message.headers,
    address: message.socket.remoteAddress ?? "",
  }
}

export function writeAnswer(response: ServerResponse, { status, headers, body }: RestAnswer): void {
  const length = Buffer.byteLength(body)
  response.writeHead(status, { "content-type": "application/json;charset=UTF-8", "content-length": length, ...headers })
  response.end(body)
}

function authenticate(desk: Desk, request: RestRequest, params: Params, nowUs: number): Account {
  const apiKey = request.headers["x-mbx-apikey"]
  const account = accountOfKey(desk.venue.accounts, Array.isArray(apiKey) ? apiKey[0] : apiKey)
  checkSigned(account, params, withoutSignature(request.query) + withoutSignature(request.body), nowUs)
  return account
}

// What was signed is the text as it was sent, percent-encoding and order included.
function withoutSignature(form: string): string {
  return form
    .split("&")
    .filter((pair) => !pair.startsWith("signature="))
    .join("&")
}

function timeUnitOf({ headers }: RestRequest): TimeUnit {
  const unit = parseTimeUnit(headers["x-mbx-time-unit"] as string | undefined)
  if (unit === undefined) throw invalidTimeUnit()
  return unit
}

function limitHeaders(desk: Desk, address: string, account: Account | undefined, nowUs: number) {
  const { rateLimits } = desk
  const headers: Record<string, string | number> = { "x-mbx-used-weight-1m": rateLimits.weightUsed(address, nowUs) }
  if (account === undefined) return headers
  const [short, day] = rateLimits.ordersUsed(account, nowUs)
  headers["x-mbx-order-count-10s"] = short.count
  headers["x-mbx-order-count-1d"] = day.count
  return headers
}

function refusal(error: VenueError, limits: RestAnswer["headers"]): RestAnswer {
  const wait = error.retryAfterSeconds
  return {
    status: error.status,
    headers: wait === undefined ? limits : { ...limits, "retry-after": wait },
    body: JSON.stringify({ code: error.code, msg: error.message }),
  }
}

// A fault of ours must not take the venue down, and must not pass in silence either.
function reported(error: unknown): VenueError {
  process.stderr.write(`exchange: ${error instanceof Error ? error.stack : error}\n`)
  return internalError()
}
