import type { PluginChange } from "../threads/messages.js"
import type { Primed } from "../threads/prime-in-slices.js"
import type { Member } from "./generation.js"

interface Cost {
  /** How long making the parts took on the slowest thread. */
  readonly heldMs: number
  /** It ran on new threads, while others traded. */
  readonly isMove: boolean
  readonly primed: Primed | undefined
  /** Plugins with hot parts that do not allow it. */
  readonly others: readonly string[]
}

/** The plugins with new code whose hot parts may be made on what is invented, and the names of those whose may not. */
export function sortForPriming(
  members: readonly Member[],
  fresh: readonly PluginChange[],
): { primable: readonly PluginChange[]; others: readonly string[] } {
  const of = ({ name }: PluginChange) => members.find((member) => member.name === name)!.definition
  const hot = fresh.filter((change) => {
    const { engine, strategy, network } = of(change)
    return (engine ?? strategy ?? network) !== undefined
  })
  const others = hot.filter((change) => of(change).primable !== true)
  return { primable: hot.filter((change) => !others.includes(change)), others: others.map(({ name }) => name) }
}

/** What the line of a commit says of new code. */
export function describePriming({ heldMs, isMove, primed, others }: Cost): string {
  const text = isMove
    ? `; code that is new to new hot threads took ${heldMs.toFixed(1)} ms to make`
    : `; new code held a hot thread for ${heldMs.toFixed(1)} ms`
  const mend = `${others.join(", ")} ${others.length === 1 ? "does" : "do"} not say primable: true`
  if (primed === undefined) return others.length === 0 ? text : `${text}, and is not primed: ${mend}`
  const { sliceMs, failure } = primed
  const how =
    failure === undefined ? `was primed, ${sliceMs.toFixed(1)} ms at a time at most` : `could not be primed: ${failure}`
  return `${text}, and ${how}${others.length === 0 ? "" : `; ${mend}`}`
}
