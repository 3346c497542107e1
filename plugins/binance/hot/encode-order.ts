import { asciiBytes, copyBytes, OrderType, Side, TimeInForce, type Unit } from "veloz/hot"
import { writeDecimal, writeUnsigned } from "./digits.js"
import { RequestKind } from "./request-kind.js"

/** Signs bytes and writes the signature's text into `out`. Returns the position behind it. */
export interface Signer {
  sign(message: Uint8Array, length: number, out: Uint8Array, at: number): number
}

/** What the encoder reads of an order on its way out. */
export interface EncodableOrder {
  readonly requestId: number
  readonly symbol: number
  readonly side: number
  readonly type: number
  readonly tif: number
  readonly priceTicks: number
  readonly qtyLots: number
  readonly clientIdBytes: Uint8Array
  readonly clientIdOffset: number
  readonly clientIdLength: number
}

export interface EncoderSymbol {
  readonly name: string
  readonly price: Unit
  readonly lot: Unit
}

/** No request is longer, an RSA signature of 4096 bits included. */
export const MAX_REQUEST_BYTES = 2048

/**
 * Writes signed requests of the WebSocket API. A request is fixed text with a few holes; the text is made once for
 * each symbol, side, type and time in force, twice over: as JSON, and as the `name=value&...` in alphabetical order
 * that is signed. Parameters stand in alphabetical order in both, so that one pass fills both.
 */
export class OrderEncoder {
  readonly #symbols: readonly EncoderSymbol[]
  readonly #signer: Signer
  readonly #placeTails: Piece[] = []
  readonly #cancelTails: Piece[]
  readonly #placeHead: Piece
  readonly #cancelHead: Piece
  readonly #queryHead: Piece
  readonly #ends: Piece[]
  readonly #payload = new Uint8Array(MAX_REQUEST_BYTES)
  #payloadEnd = 0

  constructor(symbols: readonly EncoderSymbol[], apiKey: string, signer: Signer, recvWindowMs: number) {
    this.#symbols = symbols
    this.#signer = signer
    this.#placeHead = piece(
      `","method":"order.place","params":{"apiKey":"${apiKey}","newClientOrderId":"`,
      `apiKey=${apiKey}&newClientOrderId=`,
    )
    const byOriginalId = `"params":{"apiKey":"${apiKey}","origClientOrderId":"`
    const signedByOriginalId = `apiKey=${apiKey}&origClientOrderId=`
    this.#cancelHead = piece(`","method":"order.cancel",${byOriginalId}`, signedByOriginalId)
    this.#queryHead = piece(`","method":"order.status",${byOriginalId}`, signedByOriginalId)
    for (const { name } of symbols) {
      for (const side of SIDES) {
        for (const tif of [...TIMES_IN_FORCE, undefined])
          this.#placeTails.push(placeTail(name, side, tif, recvWindowMs))
      }
    }
    this.#cancelTails = symbols.map(({ name }) =>
      piece(
        `","recvWindow":${recvWindowMs},"symbol":"${name}","timestamp":`,
        `&recvWindow=${recvWindowMs}&symbol=${name}&timestamp=`,
      ),
    )
    this.#ends = ORDER_TYPES.map((type) => piece(`,"type":"${type}","signature":"`, `&type=${type}`))
  }

  /** Writes an order.place request at `at` and returns its length. */
  place(order: EncodableOrder, timestampMs: number, out: Uint8Array, at: number): number {
    const symbol = this.#symbols[order.symbol]
    const isMarket = order.type === OrderType.Market
    let end = this.#begin(RequestKind.Place, order.requestId, this.#placeHead, out, at)
    end = this.#both(out, end, order.clientIdBytes, order.clientIdOffset, order.clientIdLength)
    if (isMarket) {
      end = this.#piece(BEFORE_MARKET_QUANTITY, out, end)
    } else {
      end = this.#piece(BEFORE_PRICE, out, end)
      end = this.#number(out, end, order.priceTicks, symbol.price)
      end = this.#piece(BEFORE_QUANTITY, out, end)
    }
    end = this.#number(out, end, order.qtyLots, symbol.lot)
    // Only limit orders have a time in force; the others use the tail without one.
    const tif = order.type === OrderType.Limit ? order.tif : TIMES_IN_FORCE.length
    const tail = (order.symbol * SIDES.length + order.side) * (TIMES_IN_FORCE.length + 1) + tif
    end = this.#piece(this.#placeTails[tail], out, end)
    end = this.#timestamp(out, end, timestampMs)
    return this.#finish(this.#ends[order.type], out, end) - at
  }

  /** Writes an order.cancel request at `at` and returns its length. */
  cancel(order: EncodableOrder, timestampMs: number, out: Uint8Array, at: number): number {
    return this.#byClientId(RequestKind.Cancel, this.#cancelHead, order, timestampMs, out, at)
  }

  /** Writes an order.status request at `at` and returns its length. */
  query(order: EncodableOrder, timestampMs: number, out: Uint8Array, at: number): number {
    return this.#byClientId(RequestKind.Query, this.#queryHead, order, timestampMs, out, at)
  }

  #byClientId(
    kind: number,
    head: Piece,
    order: EncodableOrder,
    timestampMs: number,
    out: Uint8Array,
    at: number,
  ): number {
    let end = this.#begin(kind, order.requestId, head, out, at)
    end = this.#both(out, end, order.clientIdBytes, order.clientIdOffset, order.clientIdLength)
    end = this.#piece(this.#cancelTails[order.symbol], out, end)
    end = this.#timestamp(out, end, timestampMs)
    return this.#finish(END_WITHOUT_TYPE, out, end) - at
  }

  #begin(kind: number, requestId: number, head: Piece, out: Uint8Array, at: number): number {
    this.#payloadEnd = 0
    copyBytes(ID, 0, out, at, ID.length)
    out[at + ID.length] = kind
    return this.#piece(head, out, writeUnsigned(out, at + ID.length + 1, requestId))
  }

  #finish(end: Piece, out: Uint8Array, at: number): number {
    const signatureAt = this.#piece(end, out, at)
    const behind = this.#signer.sign(this.#payload, this.#payloadEnd, out, signatureAt)
    copyBytes(CLOSE, 0, out, behind, CLOSE.length)
    return behind + CLOSE.length
  }

  #piece(text: Piece, out: Uint8Array, at: number): number {
    copyBytes(text.json, 0, out, at, text.json.length)
    copyBytes(text.signed, 0, this.#payload, this.#payloadEnd, text.signed.length)
    this.#payloadEnd += text.signed.length
    return at + text.json.length
  }

  #number(out: Uint8Array, at: number, count: number, unit: Unit): number {
    const end = writeDecimal(out, at, count * unit.step, unit.decimals)
    this.#sign(out, at, end)
    return end
  }

  #timestamp(out: Uint8Array, at: number, timestampMs: number): number {
    const end = writeUnsigned(out, at, timestampMs)
    this.#sign(out, at, end)
    return end
  }

  #both(out: Uint8Array, at: number, from: Uint8Array, offset: number, length: number): number {
    copyBytes(from, offset, out, at, length)
    this.#sign(out, at, at + length)
    return at + length
  }

  /** Adds what was written into `out` to the text that is signed. */
  #sign(out: Uint8Array, start: number, end: number): void {
    copyBytes(out, start, this.#payload, this.#payloadEnd, end - start)
    this.#payloadEnd += end - start
  }
}

/** A piece of fixed text in both of its forms. */
interface Piece {
  readonly json: Uint8Array
  readonly signed: Uint8Array
}

// In the order of the numbers in "veloz/hot".
const SIDES = named<"BUY" | "SELL">([
  [Side.Buy, "BUY"],
  [Side.Sell, "SELL"],
])
const TIMES_IN_FORCE = named<"GTC" | "IOC" | "FOK">([
  [TimeInForce.Gtc, "GTC"],
  [TimeInForce.Ioc, "IOC"],
  [TimeInForce.Fok, "FOK"],
])
const ORDER_TYPES = named<"LIMIT" | "MARKET" | "LIMIT_MAKER">([
  [OrderType.Limit, "LIMIT"],
  [OrderType.Market, "MARKET"],
  [OrderType.LimitMaker, "LIMIT_MAKER"],
])

const ID = asciiBytes('{"id":"')
const CLOSE = asciiBytes('"}}')
// ACK is the shortest answer: fills come by the user stream.
const BEFORE_PRICE = piece('","newOrderRespType":"ACK","price":"', "&newOrderRespType=ACK&price=")
const BEFORE_QUANTITY = piece('","quantity":"', "&quantity=")
const BEFORE_MARKET_QUANTITY = piece('","newOrderRespType":"ACK","quantity":"', "&newOrderRespType=ACK&quantity=")
const END_WITHOUT_TYPE = piece(',"signature":"', "")

function placeTail(symbol: string, side: string, tif: string | undefined, recvWindowMs: number): Piece {
  const json = `","recvWindow":${recvWindowMs},"side":"${side}","symbol":"${symbol}",`
  const signed = `&recvWindow=${recvWindowMs}&side=${side}&symbol=${symbol}`
  if (tif === undefined) return piece(`${json}"timestamp":`, `${signed}&timestamp=`)
  return piece(`${json}"timeInForce":"${tif}","timestamp":`, `${signed}&timeInForce=${tif}&timestamp=`)
}

function piece(json: string, signed: string): Piece {
  return { json: asciiBytes(json), signed: asciiBytes(signed) }
}

function named<N extends string>(pairs: readonly (readonly [number, N])[]): N[] {
  const names: N[] = []
  for (const [index, name] of pairs) names[index] = name
  return names
}
