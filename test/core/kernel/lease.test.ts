import { test } from "uvu"
import * as assert from "uvu/assert"
import type { FormerValues } from "../../../core/config/configuration.js"
import { Lease } from "../../../core/kernel/lease.js"

const WISH = { holder: "a test", paths: ["plugins.x.a"], seconds: 5 }

/** A lease whose time and configuration are the test's. */
class Rig {
  readonly restored: string[] = []
  readonly logged: string[] = []
  readonly reads: string[] = []
  value = "before"
  refusal: Error | undefined
  readonly #timers = new Map<() => void, number>()
  readonly lease = new Lease({
    scheduler: {
      after: (delayMs, callback) => {
        this.#timers.set(callback, delayMs)
        return () => this.#timers.delete(callback)
      },
    },
    log: { warn: (text) => this.logged.push(text), error: (text) => this.logged.push(text) },
    read: (paths) => {
      this.reads.push(paths.join())
      return { at: [], leaves: [{ keys: [], value: this.value }] }
    },
    restore: async ({ leaves }: FormerValues, author) => {
      if (this.refusal !== undefined) throw this.refusal
      this.restored.push(`${leaves[0].value}, ${author}`)
    },
    inTurn: (work) => work(),
  })

  get timers(): readonly number[] {
    return [...this.#timers.values()]
  }

  async timePasses(): Promise<void> {
    for (const callback of this.#timers.keys()) callback()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

test("a lease that is not renewed ends, and what stood when it was taken comes back once", async () => {
  const rig = new Rig()
  await rig.lease.hold(WISH)
  rig.value = "tried"
  await rig.lease.hold(WISH)
  assert.equal([rig.reads, rig.timers], [["plugins.x.a"], [5000]])
  await rig.timePasses()
  assert.equal(rig.restored, ["before, the end of the lease of a test"])
  assert.match(rig.logged[0], "a test has not renewed its lease: plugins.x.a")
  await rig.timePasses()
  assert.is(rig.restored.length, 1)
})

test("who holds it ends it at once; who does not ends nothing", async () => {
  const rig = new Rig()
  await rig.lease.hold(WISH)
  await rig.lease.release("somebody else")
  assert.equal(rig.restored, [])
  await rig.lease.release("a test")
  assert.equal([rig.restored.length, rig.timers, rig.logged], [1, [], []])
  await rig.lease.release("a test")
  assert.is(rig.restored.length, 1)
})

test("another one is refused as long as it is held, other paths of the same holder too", async () => {
  const rig = new Rig()
  await rig.lease.hold(WISH)
  for (const other of [{ holder: "b" }, { paths: ["plugins.x.b"] }]) {
    const refused = await rig.lease.hold({ ...WISH, ...other }).catch((error) => error)
    assert.is(refused.code, "VELOZ_LEASE_HELD")
  }
  await rig.lease.release("a test")
  await rig.lease.hold({ ...WISH, holder: "b" })
})

test("what cannot go back is told with its reason, and others can have the lease", async () => {
  const rig = new Rig()
  rig.refusal = new Error("the kernel says no")
  await rig.lease.hold(WISH)
  await rig.timePasses()
  assert.match(rig.logged[1], "could not go back: the kernel says no")
  await rig.lease.hold({ ...WISH, holder: "b" })
  rig.lease.close()
  assert.equal(rig.timers, [])
})

test.run()
