import { show } from "../config/errors.js"
import type { PathChange } from "../config/plan.js"

/** `market-data.order_book_depth 10 -> 5 (live)` */
export function describeChange({ path, from, to, reload }: PathChange): string {
  return `${path.replace(/^plugins\./, "")} ${show(from)} -> ${show(to)} (${reload})`
}
