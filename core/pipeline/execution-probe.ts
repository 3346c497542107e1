import type { Clock } from "../hot/clock.js"
import { DenyReason } from "../hot/deny.js"
import type { Link } from "../hot/link.js"
import {
  PING_BYTES,
  PING_TOKEN,
  PONG_FROM,
  PONG_IS_UP,
  PONG_RECEIVED_NS,
  PONG_SENT_NS,
  PONG_TOKEN,
  PongFrom,
  RecordType,
  type RecordViews,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"
import type { ExecutionPing } from "../kernel/contract.js"
import { engineSilentError, orderDeniedError } from "../kernel/errors.js"
import type { DenyReasons } from "./deny-reasons.js"

const DEADLINE_MS = 2_000
const SHARED_NS = 100e6

/** A question that is under way, and what is known of its answer. */
interface Question {
  readonly askedNs: number
  readonly resolve: (answer: ExecutionPing) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
  /** Undefined until the engine has answered. */
  engineRttUs: number | undefined
  mayTrade: boolean
}

/** Asks the engine, and through it the venue, for a sign of life, and measures how long each takes. */
export class ExecutionProbe {
  #token = 0
  #question: Question | undefined
  #answer: Promise<ExecutionPing> | undefined
  #askedNs = 0

  constructor(
    private readonly clock: Clock,
    private readonly reasons: DenyReasons,
    private commands: Link,
    private ring: () => void,
    private readonly deadlineMs = DEADLINE_MS,
  ) {}

  /**
   * A venue counts such requests against the limit that orders need too: who asks while a question is under way, or
   * right after it, shares its answer.
   */
  ping(): Promise<ExecutionPing> {
    const nowNs = this.clock.nowNs()
    const isFresh = this.#question !== undefined || nowNs - this.#askedNs < SHARED_NS
    if (this.#answer !== undefined && isFresh) return this.#answer
    const at = this.commands.claim(RecordType.Ping, PING_BYTES)
    if (at === NO_CAPACITY) throw orderDeniedError(this.reasons.text(DenyReason.RingFull))
    this.#token += 1
    this.#askedNs = nowNs
    this.#answer = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(null, false), this.deadlineMs)
      this.#question = { askedNs: nowNs, resolve, reject, timer, engineRttUs: undefined, mayTrade: false }
    })
    this.commands.f64[(at + PING_TOKEN) >> 3] = this.#token
    this.commands.publish()
    this.ring()
    return this.#answer
  }

  moveTo(commands: Link, ring: () => void): void {
    this.commands = commands
    this.ring = ring
  }

  /** A Pong record. */
  take({ f64, i32 }: RecordViews, offset: number): void {
    const question = this.#question
    if (question === undefined || f64[(offset + PONG_TOKEN) >> 3] !== this.#token) return
    const isUp = i32[(offset + PONG_IS_UP) >> 2] === 1
    if (i32[(offset + PONG_FROM) >> 2] === PongFrom.Engine) {
      question.engineRttUs = micros(this.clock.nowNs() - question.askedNs)
      question.mayTrade = isUp
      return
    }
    const receivedNs = f64[(offset + PONG_RECEIVED_NS) >> 3]
    this.#settle(receivedNs === 0 ? null : micros(receivedNs - f64[(offset + PONG_SENT_NS) >> 3]), isUp)
  }

  /** Nobody will answer any more. */
  close(): void {
    this.#settle(null, false)
  }

  #settle(venueRttUs: number | null, isVenueUp: boolean): void {
    const question = this.#question
    if (question === undefined) return
    this.#question = undefined
    clearTimeout(question.timer)
    const { engineRttUs, mayTrade, resolve, reject } = question
    if (engineRttUs === undefined) return reject(engineSilentError(this.deadlineMs))
    resolve({
      ok: isVenueUp && mayTrade,
      venue: isVenueUp ? "up" : "away",
      engine_rtt_us: engineRttUs,
      venue_rtt_us: venueRttUs,
      timestamp: Math.floor(this.clock.wallUs() / 1000),
    })
  }
}

const micros = (ns: number): number => Math.round(ns) / 1000
