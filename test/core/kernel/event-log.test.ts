import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EngineEvent } from "veloz"
import { ManualClock } from "../../../core/hot/clock.js"
import { EventLog } from "../../../core/kernel/event-log.js"

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const namesOf = (events: readonly EngineEvent[]): string[] => events.map(({ type }) => type)

test("ids grow, and go on growing in an engine that is started later", () => {
  const clock = new ManualClock()
  const log = new EventLog(clock)
  log.publish("config", "a", {})
  log.publish("orders", "b", {})
  assert.equal(namesOf(log.since(0, ["orders", "config"], 9).events), ["a", "b"])
  const [first, second] = log.since(0, ["orders", "config"], 9).events
  assert.is(second.id, first.id + 1)
  assert.is(log.lastId, second.id)
  clock.advanceMs(1)
  assert.ok(new EventLog(clock).lastId > log.lastId)
})

test("listeners are called in a turn of their own, with their topics alone, in order", async () => {
  const log = new EventLog(new ManualClock())
  const heard: string[][] = []
  log.listen(["orders", "config"], (events) => heard.push(namesOf(events)))
  log.publish("orders", "one", {})
  log.publish("market", "other", {})
  log.publish("config", "two", {})
  assert.equal(heard, [])
  await turn()
  assert.equal(heard, [["one", "two"]])
})

test("a listener hears nothing from before it listened, and nothing from after it stopped", async () => {
  const log = new EventLog(new ManualClock())
  const heard: string[] = []
  log.listen(["orders"], () => undefined)
  log.publish("orders", "before", {})
  const stop = log.listen(["orders"], (events) => heard.push(...namesOf(events)))
  log.publish("orders", "meanwhile", {})
  await turn()
  log.publish("orders", "late", {})
  stop()
  await turn()
  assert.equal(heard, ["meanwhile"])
})

test("who publishes while he hears is heard by all in the next turn, in one order", async () => {
  const log = new EventLog(new ManualClock())
  const heard: string[] = []
  log.listen(["orders"], (events) => {
    if (namesOf(events).includes("question")) log.publish("orders", "answer", {})
  })
  log.listen(["orders"], (events) => heard.push(...namesOf(events)))
  log.publish("orders", "question", {})
  await turn()
  await turn()
  assert.equal(heard, ["question", "answer"])
})

test("who listens to all hears topics that nobody had published under, and a topic that is named twice comes once", async () => {
  const log = new EventLog(new ManualClock())
  const heard: string[] = []
  log.listen(undefined, (events) => heard.push(...namesOf(events)))
  log.publish("my-plugin", "hello", {})
  await turn()
  assert.equal(heard, ["hello"])
  assert.is(log.isWanted("another-plugin"), true)
  assert.equal(namesOf(log.since(0, undefined, 9).events), ["hello"])
  assert.equal(namesOf(log.since(0, ["my-plugin", "my-plugin"], 9).events), ["hello"])
})

test("a topic is wanted while somebody listens to it", () => {
  const log = new EventLog(new ManualClock())
  const stop = log.listen(["market"], () => undefined)
  assert.equal([log.isWanted("market"), log.isWanted("orders")], [true, false])
  stop()
  assert.is(log.isWanted("market"), false)
})

test("a storm in one topic drives nothing out of another", () => {
  const log = new EventLog(new ManualClock(), 4)
  log.publish("config", "rare", {})
  for (let count = 0; count < 100; count += 1) log.publish("orders", `${count}`, {})
  assert.equal(log.since(0, ["config"], 9).events.length, 1)
  const { events } = log.since(0, ["orders"], 9)
  assert.ok(events.length >= 4 && events.length < 8, `${events.length}`)
  assert.is(events.at(-1)!.type, "99")
})

test("what was forgotten is told to those whose topics it was of, up to where", () => {
  const log = new EventLog(new ManualClock(), 2)
  const start = log.lastId
  log.publish("config", "kept", {})
  for (let count = 0; count < 4; count += 1) log.publish("orders", `${count}`, {})
  assert.is(log.since(start, ["config"], 9).missingTo, undefined)
  const { events, missingTo } = log.since(start, ["orders", "config"], 9)
  assert.equal(namesOf(events), ["kept", "2", "3"])
  assert.is(missingTo, start + 3)
  assert.is(log.since(missingTo!, ["orders", "config"], 9).missingTo, undefined)
})

test("an id of an earlier run misses everything up to the start", () => {
  const log = new EventLog(new ManualClock())
  const start = log.lastId
  assert.is(log.since(start - 5, ["orders"], 9).missingTo, start)
  assert.is(log.since(start - 5, ["no-such-topic"], 9).missingTo, start)
})

test("a reading in steps has every event once, whatever the topics", () => {
  const log = new EventLog(new ManualClock(), 1000)
  for (let count = 0; count < 500; count += 1) log.publish(count % 3 === 0 ? "orders" : "market", `${count}`, {})
  const seen: string[] = []
  let id = log.lastId - 500
  for (let step = log.since(id, ["orders", "market"], 7).events; step.length > 0; ) {
    seen.push(...namesOf(step))
    id = step.at(-1)!.id
    step = log.since(id, ["orders", "market"], 7).events
  }
  assert.equal(
    seen,
    Array.from({ length: 500 }, (_, count) => `${count}`),
  )
})

test("topics are those of the engine, and those that were published under", () => {
  const log = new EventLog(new ManualClock())
  assert.equal(log.topics, ["performance", "orders", "market", "config", "tuning"])
  log.publish("my-plugin", "hello", {})
  assert.equal(log.topics.at(-1), "my-plugin")
})

test.run()
