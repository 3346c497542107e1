import type { ControlContext, KernelTuningOptions } from "veloz"
import { CATALOGUE } from "./catalogue.js"
import { readKernelValue } from "./read.js"

export function control({ http }: ControlContext<KernelTuningOptions>): void {
  http.route({
    method: "GET",
    url: "/api/metrics/kernel",
    summary: "Values of the kernel that latency depends on, as they are now, and what they mean",
    handler: () => ({ values: CATALOGUE.map((tunable) => readKernelValue(tunable)) }),
  })
}
