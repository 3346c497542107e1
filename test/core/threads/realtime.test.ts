import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Scheduling } from "../../../core/os/policy.js"
import type { ThreadSample } from "../../../core/os/threads.js"
import { type Demotion, RealtimeThreads } from "../../../core/threads/realtime.js"
import type { RealtimeWish } from "../../../core/threads/realtime-guards.js"

const WISH: RealtimeWish = { policy: "fifo", priority: 50, helperPriority: 40, limitMs: 200, roles: ["engine"] }
const HOT = 10
const HELPERS = [20, 21]

/** A system whose threads a test moves on by hand. */
class FakeSystem {
  readonly threads = new Map<number, Scheduling & { cpuTimeMs: number; voluntarySwitches: number }>()
  readonly demotions: Demotion[] = []
  readonly helpers = [...HELPERS]
  limitUs: bigint | "none" = "none"
  refusal: string | undefined
  limitRefusal: string | undefined
  /** What happens between two looks at a thread. */
  meanwhile: () => void = () => undefined
  #onLimit: (() => void) | undefined

  readonly realtime = new RealtimeThreads(
    { tidOf: () => HOT, helpers: () => this.helpers },
    (demotion) => this.demotions.push(demotion),
    {
      read: (tid) => (this.threads.has(tid) ? ({ tid, ...this.threads.get(tid) } as ThreadSample) : undefined),
      set: (tid, scheduling) => {
        if (this.refusal !== undefined) return this.refusal
        Object.assign(this.threads.get(tid)!, scheduling)
        return undefined
      },
      limit: (microseconds) => {
        const before = this.limitUs
        if (this.limitRefusal !== undefined) return { before, reason: this.limitRefusal }
        this.limitUs = microseconds
        return { before }
      },
      onLimit: (listener) => {
        this.#onLimit = listener
        return () => {
          this.#onLimit = undefined
        }
      },
      wait: () => Promise.resolve(this.meanwhile()),
    },
  )

  constructor() {
    for (const tid of [HOT, ...HELPERS]) this.add(tid)
  }

  add(tid: number): void {
    this.threads.set(tid, { policy: "other", priority: 0, cpuTimeMs: 0, voluntarySwitches: 0, ...{ name: `t${tid}` } })
  }

  get isListening(): boolean {
    return this.#onLimit !== undefined
  }

  async signal(): Promise<void> {
    this.#onLimit!()
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** "fifo 50" by tid. */
  all(): Record<number, string> {
    return Object.fromEntries([...this.threads].map(([tid, { policy, priority }]) => [tid, `${policy} ${priority}`]))
  }
}

test("hot threads are raised, helpers below them, and the watchdog is set before", () => {
  const system = new FakeSystem()
  const { refusals } = system.realtime.raise(WISH)
  assert.equal(refusals, [])
  assert.equal(system.all(), { 10: "fifo 50", 20: "fifo 40", 21: "fifo 40" })
  assert.equal([system.limitUs, system.isListening], [200_000n, true])
})

test("without a watchdog nothing is raised", () => {
  const system = new FakeSystem()
  system.limitRefusal = "cannot be set (EPERM)"
  assert.match(system.realtime.raise(WISH).refusals[0], "limit of its run time cannot be set (EPERM)")
  assert.equal(system.all(), { 10: "other 0", 20: "other 0", 21: "other 0" })
})

test("a helper that appears later is raised by a sweep, one that has gone is forgotten", () => {
  const system = new FakeSystem()
  system.realtime.raise(WISH)
  system.add(30)
  system.helpers.push(30)
  system.threads.delete(21)
  assert.equal(system.realtime.sweep(), [])
  assert.equal(system.all(), { 10: "fifo 50", 20: "fifo 40", 30: "fifo 40" })
})

test("when the wish goes everything is as it was found, the limit and the listener too", () => {
  const system = new FakeSystem()
  Object.assign(system.threads.get(20)!, { policy: "batch" })
  system.limitUs = 5_000_000n
  const { undo } = system.realtime.raise(WISH)
  undo()
  undo()
  assert.equal(system.all(), { 10: "other 0", 20: "batch 0", 21: "other 0" })
  assert.equal([system.limitUs, system.isListening], [5_000_000n, false])
})

test("a generation that follows has its own wish, and the old one's end changes nothing", () => {
  const system = new FakeSystem()
  const old = system.realtime.raise(WISH)
  const next = system.realtime.raise({ ...WISH, policy: "rr", priority: 60, helperPriority: 1, limitMs: 400 })
  old.undo()
  assert.equal(system.all(), { 10: "rr 60", 20: "rr 1", 21: "rr 1" })
  assert.is(system.limitUs, 400_000n)
  next.undo()
  assert.equal(system.all(), { 10: "other 0", 20: "other 0", 21: "other 0" })
  assert.is(system.limitUs, "none")
})

test("the thread that goes on without ever waiting is demoted, stays so, and the limit is set anew", async () => {
  const system = new FakeSystem()
  const { undo } = system.realtime.raise(WISH)
  system.limitUs = 1_200_000n
  system.meanwhile = () => {
    system.threads.get(HOT)!.cpuTimeMs += 19
    system.threads.get(20)!.cpuTimeMs += 19
    system.threads.get(20)!.voluntarySwitches += 1
  }
  await system.signal()
  assert.equal(system.demotions, [{ tid: HOT, name: "t10", limitMs: 200 }])
  assert.equal(system.all(), { 10: "other 0", 20: "fifo 40", 21: "fifo 40" })
  assert.is(system.limitUs, 200_000n)
  system.realtime.sweep()
  assert.is(system.all()[HOT], "other 0", "a sweep does not raise it again")
  undo()
  system.realtime.raise(WISH)
  assert.is(system.all()[HOT], "fifo 50", "the next generation does")
})

test("when the one that ran away has stopped by itself nobody is demoted", async () => {
  const system = new FakeSystem()
  system.realtime.raise(WISH)
  await system.signal()
  assert.equal([system.demotions, system.all()[HOT]], [[], "fifo 50"])
})

test("a refusal is said, and a trial leaves nothing behind", () => {
  const system = new FakeSystem()
  assert.is(system.realtime.refusal(WISH, HOT), undefined)
  assert.is(system.all()[HOT], "other 0")
  system.refusal = "no"
  assert.is(system.realtime.refusal(WISH, HOT), "no")
  assert.equal(system.realtime.raise(WISH).refusals, ["no", "no", "no"])
})

test.run()
