import { test } from "uvu"
import * as assert from "uvu/assert"
import type { ExecutionPing, VelozError } from "veloz"
import { ManualClock } from "../../../core/hot/clock.js"
import { PING_TOKEN, PongFrom, VenueChannel } from "../../../core/hot/records.js"
import { RingBuffer } from "../../../core/hot/ring.js"
import { DenyReasons } from "../../../core/pipeline/deny-reasons.js"
import { ExecutionProbe } from "../../../core/pipeline/execution-probe.js"
import { type PongFields, writePong } from "../../../core/pipeline/ping.js"
import type { ReadModels } from "../../../core/pipeline/read-models.js"
import { Harness } from "../../../core/testing/harness.js"

/** A probe with a test in place of the engine. */
class Rig {
  readonly clock = new ManualClock()
  readonly commands = new RingBuffer(new ArrayBuffer(RingBuffer.bytesFor(256)))
  readonly #pongs = new RingBuffer(new ArrayBuffer(RingBuffer.bytesFor(256)))
  readonly probe: ExecutionProbe

  constructor(deadlineMs: number) {
    this.probe = new ExecutionProbe(this.clock, new DenyReasons(), this.commands, () => undefined, deadlineMs)
  }

  /** Tokens of the pings that were sent since the last call. */
  tokens(): number[] {
    const tokens: number[] = []
    this.commands.poll((_type, offset, _length, { f64 }) => void tokens.push(f64[(offset + PING_TOKEN) >> 3]))
    return tokens
  }

  say(pong: PongFields): void {
    writePong(this.#pongs, pong)
    this.#pongs.poll((_type, offset, _length, views) => this.probe.take(views, offset))
  }
}

const engine = (token: number): PongFields => ({ token, from: PongFrom.Engine, isUp: true })
const venue = (token: number): PongFields => ({ ...engine(token), from: PongFrom.Venue, sentNs: 10, receivedNs: 7010 })
const PATIENT_MS = 60_000
const SHORT_MS = 5

test("both round trips are measured, each where it happens", async () => {
  const rig = new Rig(PATIENT_MS)
  const answer = rig.probe.ping()
  assert.equal(rig.tokens(), [1])
  rig.clock.advanceNs(250_500)
  rig.say(engine(1))
  rig.clock.advanceMs(3)
  rig.say(venue(1))
  const { timestamp, ...rest } = await answer
  assert.equal(rest, { ok: true, venue: "up", engine_rtt_us: 250.5, venue_rtt_us: 7 })
  assert.is(timestamp, Math.floor(rig.clock.wallUs() / 1000))
})

test("who asks while a question is under way or right after it shares its answer; then the venue is asked anew", async () => {
  const rig = new Rig(PATIENT_MS)
  const first = rig.probe.ping()
  rig.clock.advanceMs(500)
  const second = rig.probe.ping()
  rig.say(engine(1))
  rig.say(venue(1))
  assert.is(await first, await second)
  assert.equal(rig.tokens(), [1])
  rig.clock.advanceMs(1)
  const third = rig.probe.ping()
  rig.clock.advanceMs(99)
  assert.is(rig.probe.ping(), third)
  assert.equal(rig.tokens(), [2])
  rig.probe.close()
  await third.catch(() => undefined)
})

test("a venue that does not answer is away, and its late answer is not taken for that of the next question", async () => {
  const rig = new Rig(SHORT_MS)
  const first = rig.probe.ping()
  rig.say(engine(1))
  const { ok, venue: state, venue_rtt_us } = await first
  assert.equal([ok, state, venue_rtt_us], [false, "away", null])
  rig.clock.advanceMs(200)
  const second = rig.probe.ping()
  rig.say(venue(1))
  rig.say(engine(2))
  rig.say({ ...venue(2), sentNs: 1000, receivedNs: 4000 })
  assert.is((await second).venue_rtt_us, 3)
})

test("an engine that does not answer is a 504", async () => {
  const rig = new Rig(SHORT_MS)
  try {
    await rig.probe.ping()
    assert.unreachable()
  } catch (error) {
    assert.equal([(error as VelozError).status, (error as VelozError).httpCode], [504, "engine_silent"])
  }
})

test("a command ring without room is a 503 at once, and the next question is asked all the same", async () => {
  const rig = new Rig(PATIENT_MS)
  while (rig.commands.claim(99, 8) >= 0) rig.commands.publish()
  try {
    await rig.probe.ping()
    assert.unreachable()
  } catch (error) {
    assert.equal([(error as VelozError).status, (error as VelozError).httpCode], [503, "overloaded"])
  }
  rig.commands.poll(() => undefined)
  const answer = rig.probe.ping()
  assert.equal(rig.tokens(), [1])
  rig.say(engine(1))
  rig.say(venue(1))
  assert.ok((await answer).ok)
})

test("through the engine: its own answer, and the venue's", async () => {
  const { control, venue: there, settle, close } = await started()
  const { timestamp, ...rest } = await ask(control, settle)
  assert.equal(rest, { ok: true, venue: "up", engine_rtt_us: 0, venue_rtt_us: 250 })
  assert.ok(timestamp > 0)
  assert.is(there.pings.length, 1)
  await close()
})

test("a connection that is away is told at once", async () => {
  const { control, venue: there, settle, close } = await started()
  there.goAway()
  settle()
  const { ok, venue: state, venue_rtt_us } = await ask(control, settle)
  assert.equal([ok, state, venue_rtt_us], [false, "away", null])
  await close()
})

test("a venue that answers while orders may not be sent is up, and not ok", async () => {
  const { control, venue: there, settle, close } = await started()
  there.status(VenueChannel.Orders, false)
  settle()
  const { ok, venue: state, venue_rtt_us } = await ask(control, settle)
  assert.equal([ok, state, venue_rtt_us], [false, "up", 250])
  await close()
})

test("an adapter without a ping is taken at its word that orders may be sent", async () => {
  const { control, venue: there, settle, close } = await started()
  Object.assign(there, { ping: undefined })
  const { ok, venue: state, venue_rtt_us } = await ask(control, settle)
  assert.equal([ok, state, venue_rtt_us], [true, "up", null])
  await close()
})

async function started() {
  const harness = await new Harness({}).start([])
  const { control, venue } = harness
  return { control, venue, settle: () => harness.settle(), close: () => harness.close() }
}

function ask(control: ReadModels, settle: () => void): Promise<ExecutionPing> {
  const answer = control.probe.ping()
  settle()
  return answer
}

test.run()
