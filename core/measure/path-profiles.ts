import type { ProfileTotals } from "../kernel/contract.js"
import { MARKET_PROFILE, ORDER_PROFILE, Profile, type ProfileSums } from "../pipeline/profile.js"
import type { SharedMemory } from "../threads/shared-memory.js"

type ProfileMemory = Pick<SharedMemory, "orderProfile" | "marketProfile">

/** Where the time of orders and of updates went, added up since the start, whatever threads have added it up. */
export class PathProfiles {
  #orders: Profile
  #updates: Profile
  #before: ProfileTotals | undefined

  constructor({ orderProfile, marketProfile }: ProfileMemory) {
    this.#orders = new Profile(orderProfile)
    this.#updates = new Profile(marketProfile)
  }

  read(): ProfileTotals {
    const now = this.#readMemory()
    return this.#before === undefined ? now : combine(this.#before, now, 1)
  }

  /** Others add up from now on. What they have added up so far does not count. */
  moveTo({ orderProfile, marketProfile }: ProfileMemory): void {
    const before = this.read()
    this.#orders = new Profile(orderProfile)
    this.#updates = new Profile(marketProfile)
    this.#before = combine(before, this.#readMemory(), -1)
  }

  #readMemory(): ProfileTotals {
    const orders = this.#orders.read()
    const updates = this.#updates.read()
    return {
      orders: orders.count,
      order_path_ns: byStage(ORDER_PROFILE, orders),
      updates: updates.count,
      market_data_path_ns: byStage(MARKET_PROFILE, updates),
    }
  }
}

function combine(one: ProfileTotals, other: ProfileTotals, sign: 1 | -1): ProfileTotals {
  const stages = (a: Record<string, number>, b: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(a).map(([stage, ns]) => [stage, ns + sign * b[stage]]))
  return {
    orders: one.orders + sign * other.orders,
    order_path_ns: stages(one.order_path_ns, other.order_path_ns),
    updates: one.updates + sign * other.updates,
    market_data_path_ns: stages(one.market_data_path_ns, other.market_data_path_ns),
  }
}

const byStage = (stages: readonly string[], { stagesNs }: ProfileSums): Record<string, number> =>
  Object.fromEntries(stages.map((stage, index) => [stage, stagesNs[index]]))
