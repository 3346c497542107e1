import { test } from "uvu"
import * as assert from "uvu/assert"
import type { ConnectionSocket, Sockets } from "veloz"
import {
  createHotPart,
  type NetworkServices,
  networkContext,
  type ThreadServices,
} from "../../../core/kernel/part-contexts.js"
import { PartInstance } from "../../../core/pipeline/taps.js"
import { callMeters } from "../../support/call-meters.js"

const NO_METER = (where: string) => callMeters().make("tuner", where)
const socket = (key: string): ConnectionSocket => ({ key }) as ConnectionSocket

/** A network part whose sockets the test opens. */
class SocketsOfPart {
  readonly open: ConnectionSocket[] = []
  readonly faults: string[] = []
  readonly sockets: Sockets
  readonly #instance = new PartInstance(
    "tuner",
    "network",
    0,
    (_part, where, error) => {
      this.faults.push(`${where}: ${(error as Error).message}`)
    },
    NO_METER,
  )
  readonly #listeners = new Set<(socket: ConnectionSocket) => void>()

  constructor() {
    const transport = {
      sockets: {
        all: () => this.open,
        listen: (listener: (socket: ConnectionSocket) => void) => {
          this.#listeners.add(listener)
          return () => this.#listeners.delete(listener)
        },
      },
      activate() {},
      discard() {},
    }
    const services = { metrics: {}, log: () => undefined } as unknown as ThreadServices
    const own = { transport } as unknown as NetworkServices
    this.sockets = networkContext(createHotPart(this.#instance), {}, services, own).sockets
  }

  opens(key: string): void {
    this.open.push(socket(key))
    for (const listener of this.#listeners) listener(socket(key))
  }

  commit(): void {
    for (const act of this.#instance.activate) act()
  }

  leave(): void {
    this.#instance.dispose()
  }
}

test("a part hears of sockets from its commit on, first of those that are open, until it leaves", () => {
  const part = new SocketsOfPart()
  const heard: string[] = []
  part.sockets.onOpen(({ key }) => heard.push(key))
  part.opens("before")
  assert.equal(heard, [], "what it would change belongs to the generation that runs")
  part.commit()
  part.opens("after")
  assert.equal(heard, ["before", "after"])
  part.leave()
  part.opens("later")
  assert.equal(heard, ["before", "after"])
})

test("a part that is given up before its commit hears of nothing", () => {
  const part = new SocketsOfPart()
  part.sockets.onOpen(() => assert.unreachable("it heard of a socket"))
  part.leave()
  part.opens("a")
})

test("a part that throws over a socket has failed, and hears of no other", () => {
  const part = new SocketsOfPart()
  let calls = 0
  part.sockets.onOpen(() => {
    calls += 1
    throw new Error("no")
  })
  part.commit()
  part.opens("a")
  part.opens("b")
  assert.is(calls, 1)
  assert.equal(part.faults, ["a socket: no"])
})

test.run()
