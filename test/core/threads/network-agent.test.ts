import { test } from "uvu"
import * as assert from "uvu/assert"
import { ManualClock } from "../../../core/hot/clock.js"
import { RecordType } from "../../../core/hot/records.js"
import { RingBuffer } from "../../../core/hot/ring.js"
import type { HostedConnection, TransportHost } from "../../../core/io/transport-host.js"
import type { VenueAdapter } from "../../../core/kernel/contract.js"
import { createHotPart } from "../../../core/kernel/part-contexts.js"
import { PartInstance } from "../../../core/pipeline/taps.js"
import { FakeConnection } from "../../../core/testing/fake-connection.js"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { NetworkAgent } from "../../../core/threads/network-agent.js"
import { RingLink } from "../../../core/threads/ring-link.js"
import { createSharedMemory } from "../../../core/threads/shared-memory.js"
import { callMeters } from "../../support/call-meters.js"

const RECORD_BYTES = 1016

/** Whether it is read. */
class ReadConnection extends FakeConnection {
  isReading = true

  override setReading(isReading: boolean): void {
    this.isReading = isReading
  }
}

/** The network role with a connection for market data and one for orders, towards an engine that may be busy. */
class Rig {
  readonly market = new ReadConnection("market", () => undefined)
  readonly orders = new ReadConnection("orders", () => undefined)
  readonly ring = new RingBuffer(new SharedArrayBuffer(RingBuffer.bytesFor(1 << 16)))
  readonly link = new RingLink(this.ring, new Doorbell(new Int32Array(2), 0))
  readonly agent: NetworkAgent

  constructor() {
    const connections: HostedConnection[] = [this.market, this.orders]
    const transport = { connections: () => connections } as unknown as TransportHost
    const memory = createSharedMemory(1, "split")
    this.agent = new NetworkAgent({ clock: new ManualClock(), transport, memory, toEngine: this.link })
    const part = createHotPart(
      new PartInstance(
        "venue",
        "network",
        0,
        () => undefined,
        (where) => callMeters().make("venue", where),
      ),
    )
    part.wishes.adapter = { connection: this.orders } as unknown as VenueAdapter
    this.agent.adopt(this.agent.compose([part], { clock: new ManualClock(), wakeAfter: () => undefined }), [part])
  }

  /** Records of a kilobyte, and the end of the turn that brought them. */
  receive(count: number, reserved = false): void {
    for (let record = 0; record < count; record += 1) this.link.claim(RecordType.Trade, RECORD_BYTES, reserved)
    this.link.publish()
    this.turn()
  }

  turn(): void {
    this.agent.idle()
  }

  get reading(): [market: boolean, orders: boolean] {
    return [this.market.isReading, this.orders.isReading]
  }
}

test("sockets are read as long as the engine's ring takes what they bring", () => {
  const rig = new Rig()
  rig.receive(60)
  assert.equal(rig.reading, [true, true])
})

test("when the ring is full market data stays in the kernel, and reports are read on", () => {
  const rig = new Rig()
  rig.receive(100)
  assert.equal(rig.reading, [false, true])
})

test("when the room for reports ends, they stay in the kernel too", () => {
  const rig = new Rig()
  rig.receive(3_200, true)
  assert.equal(rig.reading, [false, false])
})

test("when the engine has taken what waited, everything is read again", () => {
  const rig = new Rig()
  rig.receive(3_200, true)
  for (let turn = 0; turn < 100; turn += 1) {
    rig.ring.poll(() => undefined)
    rig.turn()
  }
  assert.equal(rig.reading, [true, true])
})

test.run()
