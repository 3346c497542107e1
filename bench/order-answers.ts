// What the venue says of an order, in its words. Requests are those that were sent, as objects.

export interface OrderRequestMessage {
  readonly id: string
  readonly method: string
  readonly params: Readonly<Record<string, string>>
}

/** The answer to a request of a session or of an order that was accepted. */
export function answer({ id, method, params }: OrderRequestMessage, orderId: number): string {
  const result = RESULTS[method] ?? accepted(params, orderId)
  return `{"id":"${id}","status":200,"result":${result}}`
}

export function refusal({ id }: OrderRequestMessage): string {
  return `{"id":"${id}","status":400,"error":{"code":-2010,"msg":"Order would immediately match and take."}}`
}

/** The execution report of a trade that fills the order. */
export function fillReport({ params }: OrderRequestMessage, orderId: number): string {
  const { newClientOrderId, side, price, quantity, symbol } = params
  const event =
    `{"e":"executionReport","E":${NOW_US},"s":"${symbol}","c":"${newClientOrderId}","S":"${side}","o":"LIMIT","f":"GTC",` +
    `"q":"${quantity}","p":"${price}","P":"${ZERO}","F":"${ZERO}","g":-1,"C":"","x":"TRADE","X":"FILLED","r":"NONE",` +
    `"i":${orderId},"l":"${quantity}","z":"${quantity}","L":"${price}","n":"${ZERO}","N":"BTC","T":${NOW_US},"t":${orderId},` +
    `"I":${2 * orderId},"w":false,"m":true,"M":false,"O":${NOW_US},"Z":"${ZERO}","Y":"${ZERO}","Q":"${ZERO}","W":${NOW_US},"V":"NONE"}`
  return `{"subscriptionId":0,"event":${event}}`
}

/** The account is as full as it was at the beginning. */
export const FULL_ACCOUNT = `{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1,"u":1,"B":[{"a":"BTC","f":"10000.0","l":"0.0"},{"a":"USDT","f":"80000000.0","l":"0.0"}]}}`

/** A bookTicker, so that prices can be judged by a market. */
export const BOOK_TICKER = `{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"61837.62000000","B":"1.00000000","a":"61837.64000000","A":"1.00000000"}}`

const ZERO = "0.00000000"
const NOW_US = 1_723_161_255_208_000

const BALANCES = `{"balances":[{"asset":"BTC","free":"10000.0","locked":"0.0"},{"asset":"USDT","free":"80000000.0","locked":"0.0"}]}`

const RESULTS: Readonly<Record<string, string>> = {
  time: `{"serverTime":${NOW_US}}`,
  "userDataStream.subscribe.signature": '{"subscriptionId":0}',
  "openOrders.status": "[]",
  "account.status": BALANCES,
}

function accepted({ symbol, newClientOrderId }: OrderRequestMessage["params"], orderId: number): string {
  return `{"symbol":"${symbol}","orderId":${orderId},"orderListId":-1,"clientOrderId":"${newClientOrderId}","transactTime":${NOW_US}}`
}
