import { HmacSha256 } from "veloz/hot"
import type { Account } from "../account.js"
import { timeIn } from "../answers.js"
import { accountOfKey, checkSigned, checkTimestamp } from "../authentication.js"
import {
  accountStatus,
  aggregateTrades,
  allOrders,
  bookTicker,
  type Call,
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
  rateLimitText,
  time,
  trades,
} from "../operations.js"
import { Params } from "../params.js"
import { WEIGHT_LIMIT } from "../rate-limits.js"
import { signedParameters } from "../signature.js"
import { hmacLogon, internalError, invalidJson, notLoggedOn, unsupportedOperation, VenueError } from "../venue-error.js"
import type { Connection } from "./connection.js"
import type { UserStreams } from "./user-streams.js"

const OPERATIONS: Readonly<Record<string, Operation>> = {
  ping,
  time,
  exchangeInfo,
  depth,
  "trades.recent": trades,
  "trades.aggregate": aggregateTrades,
  "ticker.book": bookTicker,
  "ticker.price": priceTicker,
  "order.place": orderPlace,
  "order.test": orderTest,
  "order.cancel": orderCancel,
  "order.status": orderStatus,
  "openOrders.status": openOrdersStatus,
  "openOrders.cancelAll": openOrdersCancelAll,
  allOrders,
  myTrades,
  "account.status": accountStatus,
  "account.rateLimits.orders": orderRateLimits,
}

interface Request {
  readonly id: unknown
  readonly method: string
  readonly params: Params
  readonly showsLimits: boolean
}

/** One client of the WebSocket API: reads its requests, and answers each once. */
export class ApiSession {
  readonly #connection: Connection
  readonly #desk: Desk
  readonly #userStreams: UserStreams
  readonly #tellReports: () => void
  readonly #nowUs: () => number
  readonly #showsLimits: boolean
  #loggedOn: Account | undefined
  #loggedOnUs = 0
  readonly #connectedUs: number

  /** `tellReports` hands to the user streams what earlier requests have caused. */
  constructor(
    connection: Connection,
    desk: Desk,
    userStreams: UserStreams,
    tellReports: () => void,
    nowUs: () => number,
    showsLimits: boolean,
  ) {
    this.#connection = connection
    this.#desk = desk
    this.#userStreams = userStreams
    this.#tellReports = tellReports
    this.#nowUs = nowUs
    this.#showsLimits = showsLimits
    this.#connectedUs = nowUs()
    connection.onClose(() => userStreams.forget(connection))
  }

  /** Handles one request. Its answer waits in the outbox for those to the requests that came with it. */
  handle(text: string): void {
    const request = this.#read(text)
    const answer = request instanceof VenueError ? refusal(null, request) : this.#answer(request)
    if (answer !== undefined) this.#connection.outbox.appendText(answer)
  }

  #read(text: string): Request | VenueError {
    let body: { id?: unknown; method?: unknown; params?: unknown }
    try {
      body = JSON.parse(text)
    } catch {
      return invalidJson()
    }
    if (typeof body !== "object" || body === null || typeof body.method !== "string") return invalidJson()
    const { id = null, method, params = {} } = body
    if (id !== null && typeof id !== "string" && !Number.isSafeInteger(id)) return invalidJson()
    if (typeof params !== "object" || params === null) return invalidJson()
    const values = Params.ofObject(params as Record<string, unknown>)
    const shows = values.optional("returnRateLimits")
    return {
      id,
      method: method.startsWith("v3/") ? method.slice(3) : method,
      params: values,
      showsLimits: shows === undefined ? this.#showsLimits : shows === "true",
    }
  }

  #answer(request: Request): string | undefined {
    const nowUs = this.#nowUs()
    let account: Account | undefined
    try {
      const operation = OPERATIONS[request.method]
      this.#desk.rateLimits.spendWeight(this.#connection.address, operation?.weight ?? 2, nowUs)
      if (operation === undefined)
        return success(request.id, this.#ownMethod(request, nowUs), this.#limits(request, nowUs))
      if (operation.isSigned) account = this.#authenticate(request.params, nowUs)
      const call: Call = { params: request.params, unit: this.#connection.unit, nowUs, account }
      const result = operation.run(this.#desk, call)
      if (!operation.isSigned) request.params.finish()
      if (result === undefined) return undefined
      return success(request.id, result, this.#limits(request, nowUs, operation.isOrder ? account : undefined))
    } catch (error) {
      const refused = error instanceof VenueError ? error : this.#report(error)
      return refusal(request.id, refused, this.#limits(request, nowUs))
    }
  }

  // A fault of ours must not take the venue down, and must not pass in silence either.
  #report(error: unknown): VenueError {
    process.stderr.write(`exchange: ${error instanceof Error ? error.stack : error}\n`)
    return internalError()
  }

  // After a logon the key need not be named; a request that names one is judged by that key alone.
  #authenticate(params: Params, nowUs: number): Account {
    const apiKey = params.optional("apiKey")
    if (apiKey === undefined && this.#loggedOn !== undefined) {
      checkTimestamp(params, nowUs)
      return this.#loggedOn
    }
    params.required("apiKey")
    const account = accountOfKey(this.#desk.venue.accounts, apiKey)
    checkSigned(account, params, signedParameters(params.values), nowUs)
    return account
  }

  // Methods that are about this connection.
  #ownMethod({ method, params }: Request, nowUs: number): string {
    // Who listens may change: what happened until now is for those who listened until now.
    this.#tellReports()
    switch (method) {
      case "session.logon":
        return this.#logOn(params, nowUs)
      case "session.status":
        return this.#sessionStatus(nowUs)
      case "session.logout":
        this.#loggedOn = undefined
        return this.#sessionStatus(nowUs)
      case "session.subscriptions":
        return JSON.stringify(this.#userStreams.idsOf(this.#connection).map((subscriptionId) => ({ subscriptionId })))
      case "userDataStream.subscribe":
        if (this.#loggedOn === undefined) throw notLoggedOn()
        return `{"subscriptionId":${this.#userStreams.subscribe(this.#loggedOn, this.#connection)}}`
      case "userDataStream.subscribe.signature":
        return `{"subscriptionId":${this.#userStreams.subscribe(this.#authenticate(params, nowUs), this.#connection)}}`
      case "userDataStream.unsubscribe":
        this.#userStreams.unsubscribe(this.#connection, params.integer("subscriptionId"), nowUs)
        return "{}"
    }
    throw unsupportedOperation()
  }

  #logOn(params: Params, nowUs: number): string {
    const account = accountOfKey(this.#desk.venue.accounts, params.required("apiKey"))
    if (account.key instanceof HmacSha256 || account.key.asymmetricKeyType !== "ed25519") throw hmacLogon()
    checkSigned(account, params, signedParameters(params.values), nowUs)
    this.#loggedOn = account
    this.#loggedOnUs = nowUs
    return this.#sessionStatus(nowUs)
  }

  #sessionStatus(nowUs: number): string {
    const time = (us: number) => timeIn(this.#connection.unit, us)
    return JSON.stringify({
      apiKey: this.#loggedOn?.apiKey ?? null,
      authorizedSince: this.#loggedOn === undefined ? null : time(this.#loggedOnUs),
      connectedSince: time(this.#connectedUs),
      returnRateLimits: this.#showsLimits,
      serverTime: time(nowUs),
      userDataStream: this.#userStreams.idsOf(this.#connection).length > 0,
    })
  }

  #limits(request: Request, nowUs: number, account?: Account): string {
    if (!request.showsLimits) return ""
    const { rateLimits } = this.#desk
    const weight = { rule: WEIGHT_LIMIT, count: rateLimits.weightUsed(this.#connection.address, nowUs) }
    const all = account === undefined ? [weight] : [...rateLimits.ordersUsed(account, nowUs), weight]
    return `,"rateLimits":[${all.map(rateLimitText).join(",")}]`
  }
}

function success(id: unknown, result: string, limits: string): string {
  return `{"id":${JSON.stringify(id)},"status":200,"result":${result}${limits}}`
}

function refusal(id: unknown, error: VenueError, limits = ""): string {
  const wait = error.retryAfterSeconds
  const data = wait === undefined ? "" : `,"data":{"serverTime":${Date.now()},"retryAfter":${Date.now() + wait * 1000}}`
  const detail = `{"code":${error.code},"msg":${JSON.stringify(error.message)}${data}}`
  return `{"id":${JSON.stringify(id)},"status":${error.status},"error":${detail}${limits}}`
}
