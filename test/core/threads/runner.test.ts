import { MessageChannel } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { Doorbell } from "../../../core/threads/doorbell.js"
import { type IdleStrategy, run } from "../../../core/threads/runner.js"

const STRATEGIES: readonly IdleStrategy[] = ["spin", "backoff", "park"]

for (const strategy of STRATEGIES) {
  test(`${strategy}: work that is announced is found, each time`, () =>
    withThread(strategy, async (thread) => {
      for (let round = 1; round <= 20; round += 1) {
        await pauses[round % pauses.length]()
        thread.bring(round)
        await thread.until(() => thread.waiting === 0)
      }
      assert.is(thread.taken, 210)
    }))

  test(`${strategy}: timers, messages and promises come while there is always work`, () =>
    withThread(strategy, async (thread) => {
      thread.bring(Number.POSITIVE_INFINITY)
      await eventsOfEveryKind()
      const before = thread.taken
      await eventsOfEveryKind()
      assert.ok(thread.taken > before, "and the work goes on")
    }))

  test(`${strategy}: timers, messages and promises come while there is nothing to do`, () =>
    withThread(strategy, async (thread) => {
      await eventsOfEveryKind()
      assert.is(thread.taken, 0)
    }))

  test(`${strategy}: once it was ended no work is called, however often it is rung`, () =>
    withThread(strategy, async (thread) => {
      await later(5)
      thread.end()
      thread.end()
      const { looks } = thread
      thread.bring(3)
      await later(20)
      assert.equal([thread.looks, thread.waiting], [looks, 3])
    }))

  test(`${strategy}: work may end it`, () =>
    withThread(strategy, async (thread) => {
      await later(5)
      thread.atWork = () => thread.end()
      thread.bring(1)
      await thread.until(() => thread.taken === 1)
      assert.is(await looksMeanwhile(thread), 0)
    }))
}

test("park: who sleeps does not look until the bell is rung", () =>
  withThread("park", async (thread) => {
    assert.is(await looksMeanwhile(thread), 0)
    thread.waiting = 1
    assert.is(await looksMeanwhile(thread), 0)
    thread.bring(0)
    await thread.until(() => thread.waiting === 0)
    assert.is(await looksMeanwhile(thread), 0)
  }))

test("spin: work is found that nobody announces", () =>
  withThread("spin", async (thread) => {
    for (let round = 0; round < 10; round += 1) {
      thread.waiting = 1
      await thread.until(() => thread.waiting === 0)
    }
    assert.ok((await looksMeanwhile(thread)) > 100, "and it goes on looking")
  }))

test("backoff: it looks for a while, parks when nothing comes, and looks for a while again when it was woken", () =>
  withThread("backoff", async (thread) => {
    assert.ok(thread.looks > 0)
    for (let round = 0; round < 3; round += 1) {
      await thread.until(() => thread.isAsleep)
      assert.is(await looksMeanwhile(thread), 0)
      const { looks } = thread
      thread.bring(1)
      await thread.until(() => thread.isAsleep)
      assert.ok(thread.looks - looks > 1_000, `${thread.looks - looks} looks before it parked again`)
    }
    assert.is(thread.taken, 3)
  }))

/** A thread's work, on this thread: so much waits, so often it was looked for. */
class FakeThread {
  waiting = 0
  taken = 0
  looks = 0
  atWork = (): void => undefined
  end = (): void => undefined
  readonly #words = new Int32Array(new SharedArrayBuffer(8))

  start(strategy: IdleStrategy): void {
    this.end = run(this.#work, new Doorbell(this.#words, 0), strategy)
  }

  bring(count: number): void {
    this.waiting += count
    new Doorbell(this.#words, 0).ring()
  }

  /** It has raised its flag. Read between turns, when it would have lowered it if it were awake. */
  get isAsleep(): boolean {
    return this.#words[1] === 1
  }

  async until(condition: () => boolean): Promise<void> {
    for (let wait = 0; !condition(); wait += 1) {
      assert.ok(wait < 5_000, "it does not come")
      await later(1)
    }
  }

  readonly #work = (): number => {
    this.looks += 1
    if (this.waiting === 0) return 0
    this.waiting -= 1
    this.taken += 1
    this.atWork()
    return 1
  }
}

/** Runs it as a thread does that has other events too, which keep it alive. */
async function withThread(strategy: IdleStrategy, act: (thread: FakeThread) => Promise<void>): Promise<void> {
  const thread = new FakeThread()
  const keepAlive = setInterval(() => undefined, 1_000)
  thread.start(strategy)
  try {
    await act(thread)
  } finally {
    thread.end()
    clearInterval(keepAlive)
  }
}

async function looksMeanwhile(thread: FakeThread): Promise<number> {
  const { looks } = thread
  await later(10)
  return thread.looks - looks
}

async function eventsOfEveryKind(): Promise<void> {
  await Promise.all([later(2), nextTurn(), message(), Promise.resolve()])
}

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds))

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const pauses = [() => Promise.resolve(), nextTurn, () => later(2)]

function message(): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  return new Promise((resolve) => {
    port2.once("message", () => {
      port1.close()
      resolve()
    })
    port1.postMessage("hello")
  })
}

test.run()
