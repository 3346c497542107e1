import assert from "node:assert/strict"
import * as ws from "ws"
import { Side } from "../../core/hot/records.js"
import { compare, type Subject } from "../measure.js"
import { NaiveGateway, type NaiveOrder, signatureOf } from "../naive-gateway.js"
import { answer, FULL_ACCOUNT, fillReport, type OrderRequestMessage, refusal } from "../order-answers.js"
import { ACCOUNT, type OrderEngine, startOrderEngine } from "../order-engine.js"
import { OrderFlow } from "../order-flow.js"

/** As many orders are open at once; both sides then work on tables that are not empty. */
const BATCH = 64

/**
 * The order path without the socket: a strategy places an order, which is validated, checked for risk, encoded, signed
 * with HMAC-SHA256 and framed, until the place where the system call would be.
 */
export const orderPath = compare({
  name: "order-path",
  operation: "typed order to frame",
  batch: BATCH,
  async prepare() {
    const subjects = [outOf(await startOrderEngine(ACCOUNT)), naiveOut()]
    assertSameOrders(subjects)
    return subjects
  },
})

/** The way back: from the bytes of the execution report that fills an order until its strategy has been told. */
export const orderReport = compare({
  name: "order-report",
  operation: "fill report to strategy",
  batch: BATCH,
  async prepare() {
    const subjects = [backOf(await startOrderEngine(ACCOUNT)), naiveBack()]
    assertSameFills(subjects)
    return subjects
  },
})

const FLOW = new OrderFlow()

// ---- VeloZ

interface OutSubject extends Subject {
  /** The requests of the last batch. */
  requests: OrderRequestMessage[]
}

function outOf({ engine, strategy, receive, takeRequests, drainEvents }: OrderEngine): OutSubject {
  const { orders } = strategy
  return {
    name: "veloz engine",
    requests: [],
    run(operation) {
      const i = FLOW.index(operation)
      const handle = orders.place(0, FLOW.sides[i], FLOW.priceTicks[i], FLOW.qtyLots[i])
      if (handle < 0) throw new Error(`order ${operation} was denied for reason ${-handle}`)
      engine.endTurn()
    },
    after(first, end) {
      this.requests = takeRequests()
      if (this.requests.length !== end - first) throw new Error("an order did not leave")
      for (const request of this.requests) receive(refusal(request))
      drainEvents()
    },
    dispose: () => engine.stop(),
  }
}

function backOf({
  engine,
  strategy,
  fills,
  receive,
  receiveBytes,
  takeRequests,
  drainEvents,
}: OrderEngine): BackSubject {
  const reports = new Reports()
  return {
    name: "veloz engine",
    fills,
    before(first, end) {
      for (let operation = first; operation < end; operation++) {
        const i = FLOW.index(operation)
        strategy.orders.place(0, FLOW.sides[i], FLOW.priceTicks[i], FLOW.qtyLots[i])
      }
      engine.endTurn()
      const requests = takeRequests()
      for (const [i, request] of requests.entries()) receive(answer(request, first + i + 1))
      reports.fill(first, requests)
      drainEvents()
    },
    run(operation) {
      const i = operation - reports.first
      receiveBytes(reports.bytes, reports.starts[i], reports.starts[i + 1] - reports.starts[i])
    },
    after() {
      drainEvents()
      receive(FULL_ACCOUNT)
    },
    dispose: () => engine.stop(),
  }
}

// ---- the naive way

/** The frame that a `ws` client would write, which it masks as the protocol asks. */
const { Sender } = ws as unknown as {
  Sender: { frame(data: Buffer, options: { opcode: number; mask: boolean; fin: boolean }): Buffer[] }
}

function naiveGateway(sent: { text: string; frames: Buffer[] }[]): NaiveGateway {
  return new NaiveGateway(ACCOUNT, (text) => {
    const frames = Sender.frame(Buffer.from(text), { opcode: 1, mask: true, fin: true })
    sent.push({ text, frames })
  })
}

function naiveOut(): OutSubject {
  const sent: { text: string; frames: Buffer[] }[] = []
  const gateway = naiveGateway(sent)
  return {
    name: "objects, JSON, node:crypto, ws",
    requests: [],
    run(operation) {
      placeNaively(gateway, operation)
    },
    after() {
      this.requests = sent.splice(0).map(({ text }) => JSON.parse(text))
      for (const request of this.requests) gateway.onMessage(refusal(request))
    },
  }
}

function naiveBack(): BackSubject {
  const sent: { text: string; frames: Buffer[] }[] = []
  const gateway = naiveGateway(sent)
  const fills = new Float64Array(2)
  const reports = new Reports()
  gateway.on("fill", ({ filled }: NaiveOrder) => {
    fills[0] += Math.round(filled * 1e5)
    fills[1]++
  })
  return {
    name: "JSON.parse, Map, emitter",
    fills,
    before(first, end) {
      for (let operation = first; operation < end; operation++) placeNaively(gateway, operation)
      const requests: OrderRequestMessage[] = sent.splice(0).map(({ text }) => JSON.parse(text))
      for (const [i, request] of requests.entries()) gateway.onMessage(answer(request, first + i + 1))
      reports.fill(first, requests)
    },
    run(operation) {
      const i = operation - reports.first
      gateway.onMessage(reports.bytes.toString("utf8", reports.starts[i], reports.starts[i + 1]))
    },
  }
}

function placeNaively(gateway: NaiveGateway, operation: number): void {
  const i = FLOW.index(operation)
  const side = FLOW.sides[i] === Side.Buy ? "BUY" : "SELL"
  gateway.place(side, FLOW.priceTicks[i] / 100, FLOW.qtyLots[i] / 1e5)
}

// ---- the same work

interface BackSubject extends Subject {
  /** The sum of filled lots, and the count of fills, that the strategy heard of. */
  readonly fills: Float64Array
}

/** The fill reports of one batch, one behind the other. */
class Reports {
  bytes = Buffer.alloc(0)
  first = 0
  readonly starts = new Int32Array(BATCH + 1)

  fill(first: number, requests: readonly OrderRequestMessage[]): void {
    this.first = first
    const texts = requests.map((request, i) => fillReport(request, first + i + 1))
    for (const [i, text] of texts.entries()) this.starts[i + 1] = this.starts[i] + text.length
    this.bytes = Buffer.from(texts.join(""))
  }
}

function runBatch(subject: Subject): void {
  subject.before?.(0, BATCH)
  for (let operation = 0; operation < BATCH; operation++) subject.run(operation)
  subject.after?.(0, BATCH)
}

function assertSameOrders(subjects: readonly OutSubject[]): void {
  for (const subject of subjects) runBatch(subject)
  const [own, naive] = subjects.map(({ requests }) => requests)
  for (const [i, { params }] of own.entries()) {
    const { signature, ...signed } = params
    assert.equal(signature, signatureOf(signed, ACCOUNT.secret))
    for (const name of ["symbol", "side", "type", "timeInForce"]) assert.equal(params[name], naive[i].params[name])
    for (const name of ["price", "quantity"]) assert.equal(Number(params[name]), Number(naive[i].params[name]))
  }
}

function assertSameFills(subjects: readonly BackSubject[]): void {
  for (const subject of subjects) runBatch(subject)
  assert.equal(subjects[0].fills[1], BATCH)
  assert.deepEqual(subjects[0].fills, subjects[1].fills)
}
