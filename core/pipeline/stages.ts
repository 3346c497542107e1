import type { Stage, StageContext } from "../kernel/contract.js"
import { stageTakenError } from "../kernel/errors.js"

export type MakeStage = (next: (item: number) => void, context: StageContext) => Stage

/** A stage that a part asked for, at its fixed place in a path. */
export interface StageWish {
  readonly name: string
  readonly plugin: string
  readonly make: MakeStage
}

/** The places of a path, first to last. A stage exists only when a plugin asks for it. */
export const MARKET_STAGES = ["conflate", "throttle"] as const
export const ORDER_STAGES = ["batch"] as const

/** A path of no stages. */
export const noStages = (last: (item: number) => void): StageChain => ({ offer: last, idle: null, names: [] })

/** A composed path: what passes items on, now or later. */
export interface StageChain {
  readonly offer: (item: number) => void
  /** The thread has nothing more to do: stages let go of what need not wait. Null when none ever holds anything. */
  readonly idle: (() => void) | null
  readonly names: readonly string[]
}

export function composeStages(
  places: readonly string[],
  wishes: readonly StageWish[],
  last: (item: number) => void,
  context: StageContext,
): StageChain {
  refuseTwins(wishes)
  const ordered = places.flatMap((place) => wishes.filter((wish) => wish.name === place))
  const stages: Stage[] = []
  let offer = last
  for (const wish of ordered.toReversed()) {
    const stage = wish.make(offer, context)
    stages.unshift(stage)
    offer = (item) => stage.offer(item)
  }
  const holding = stages.filter((stage) => stage.idle !== undefined)
  const idle = (): void => {
    for (let index = 0; index < holding.length; index += 1) holding[index].idle!()
  }
  return {
    offer,
    idle: holding.length === 0 ? null : idle,
    names: ordered.map((wish) => `${wish.name} (${wish.plugin})`),
  }
}

/** A path has each stage at most once. */
function refuseTwins(wishes: readonly StageWish[]): void {
  const byName = new Map<string, StageWish>()
  for (const wish of wishes) {
    const other = byName.get(wish.name)
    if (other !== undefined) throw stageTakenError(wish.name, wish.plugin, other.plugin)
    byName.set(wish.name, wish)
  }
}
