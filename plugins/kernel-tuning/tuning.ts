import type { KernelTuningOptions, TuningOffer } from "veloz"
import { CATALOGUE } from "./catalogue.js"

/** What the options want of the kernel. */
export function tuning(_options: Readonly<KernelTuningOptions>): TuningOffer {
  return { wishes: CATALOGUE.map((tunable) => ({ tunable })) }
}
