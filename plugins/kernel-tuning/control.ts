import type { ControlContext, KernelTuningOptions, TunableReading } from "veloz"

export function control({ http, engine }: ControlContext<KernelTuningOptions>): void {
  http.route({
    method: "GET",
    url: "/api/metrics/kernel",
    summary: "Values of the kernel that latency depends on, as they are now, and what they mean",
    handler: async () => {
      const readings = await engine.tuning.readings()
      return { values: readings.filter(({ plugin }) => plugin === "kernel-tuning").map(kernelValue) }
    },
  })
}

function kernelValue({ id, scope, found, unit, meaning, presets, state, note }: TunableReading): object {
  const lowLatency = presets["low-latency"]
  const kind = state === "unavailable" || state === "placebo" ? `${state}: ` : ""
  return {
    id,
    scope,
    value: found,
    ...(unit === null ? {} : { unit }),
    meaning,
    ...(lowLatency === undefined ? {} : { low_latency: lowLatency }),
    ...(note === null ? {} : { note: kind + note }),
  }
}
