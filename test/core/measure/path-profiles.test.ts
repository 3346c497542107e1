import { test } from "uvu"
import * as assert from "uvu/assert"
import { PathProfiles } from "../../../core/measure/path-profiles.js"
import { MARKET_PROFILE, ORDER_PROFILE, Profile, profileBytes } from "../../../core/pipeline/profile.js"

/** Where a set of hot threads adds its figures up. */
class Threads {
  readonly memory = {
    orderProfile: new SharedArrayBuffer(profileBytes(ORDER_PROFILE)),
    marketProfile: new SharedArrayBuffer(profileBytes(MARKET_PROFILE)),
  }
  readonly #orders = new Profile(this.memory.orderProfile)
  readonly #updates = new Profile(this.memory.marketProfile)

  addOrder(ns: number): void {
    this.#orders.stagesNs.fill(ns)
    this.#orders.add()
  }

  addUpdate(ns: number): void {
    this.#updates.stagesNs.fill(ns)
    this.#updates.add()
  }
}

/** Counts, and the sum of one stage of each path. */
function read(profiles: PathProfiles): number[] {
  const { orders, order_path_ns, updates, market_data_path_ns } = profiles.read()
  return [orders, order_path_ns.risk_check, updates, market_data_path_ns.strategy_notify]
}

test("sums are told by stage, each stage of a path once", () => {
  const threads = new Threads()
  const profiles = new PathProfiles(threads.memory)
  threads.addOrder(5)
  threads.addOrder(7)
  threads.addUpdate(2)
  assert.equal(read(profiles), [2, 12, 1, 2])
  assert.equal(Object.keys(profiles.read().order_path_ns), [...ORDER_PROFILE])
  assert.equal(Object.keys(profiles.read().market_data_path_ns), [...MARKET_PROFILE])
})

test("sums go on over other threads, again and again, and never count what those did before", () => {
  const [first, second, third] = [new Threads(), new Threads(), new Threads()]
  const profiles = new PathProfiles(first.memory)
  first.addOrder(5)
  second.addOrder(100)
  second.addUpdate(100)
  profiles.moveTo(second.memory)
  assert.equal(read(profiles), [1, 5, 0, 0])
  second.addOrder(6)
  second.addUpdate(3)
  first.addOrder(1000)
  assert.equal(read(profiles), [2, 11, 1, 3])
  profiles.moveTo(third.memory)
  third.addUpdate(4)
  assert.equal(read(profiles), [2, 11, 2, 7])
})

test.run()
