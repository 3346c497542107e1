import type { Plan } from "../config/plan.js"
import { describeChange } from "../history/describe.js"
import { openChange } from "../history/open.js"

export interface Committed {
  /** Undefined of the first generation. */
  readonly plan: Plan | undefined
  readonly author: string
  /** Plugins whose code is another. */
  readonly recoded: readonly string[]
  /** Plugins that start in another order. */
  readonly reordered: readonly string[]
  /** The generation that came back. */
  readonly restores: number | undefined
}

/** What a generation has changed, in one line: `market-data.order_book_depth 10 -> 5 (live)`. */
export function summarize({ plan, author, recoded, reordered, restores }: Committed): string {
  if (plan === undefined) return author
  const steps = plan.steps.filter(({ action }) => action !== "keep")
  const options = steps.flatMap(({ plugin, action, paths }) => {
    if (paths.length === 0) return `${plugin} ${action}`
    return paths.map((change) => describeChange(openChange(change)))
  })
  const code = recoded.map((name) => `code of ${name} (plugin)`)
  const order = reordered.length === 0 ? [] : [`order of ${reordered.join(", ")} (pipeline)`]
  const text = [...options, ...code, ...order].join(", ")
  return restores === undefined ? text : `back to generation ${restores}: ${text}`
}
