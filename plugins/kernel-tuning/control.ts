import type { ControlContext, KernelTuningOptions, KernelTuningSettings, TunableReading } from "veloz"
import { sysctlByRequestError } from "./errors.js"
import { isKnownSysctl } from "./tuning.js"

export function control({ http, engine, schema }: ControlContext<KernelTuningOptions>): void {
  http.route({
    method: "GET",
    url: "/api/metrics/kernel",
    summary: "Values of the kernel that latency depends on, as they are now, and what they mean",
    handler: async () => {
      const readings = await engine.tuning.readings()
      return { values: readings.filter(isOurs).map(kernelValue) }
    },
  })
  http.route({
    method: "POST",
    url: "/api/config/kernel",
    summary: "Changes what is wanted of the kernel, live; whether it is applied is not for a request to say",
    body: schema,
    handler: async ({ body }) => {
      refuseStrangers(body as KernelTuningSettings)
      const changes = Object.entries(body).map(([name, value]) => [`plugins.kernel-tuning.${name}`, value])
      await engine.configuration.change(Object.fromEntries(changes), "POST /api/config/kernel")
      const readings = await engine.tuning.readings()
      const { plugins } = engine.configuration.effective() as { plugins: Record<string, KernelTuningOptions> }
      return {
        ok: true,
        kernel_config: plugins["kernel-tuning"],
        tunables: readings.filter((reading) => isOurs(reading) && reading.wanted !== null),
      }
    },
  })
}

/** Some sysctls name programs that the kernel runs as root: what is not known to be harmless is not for requests. */
function refuseStrangers({ sysctl }: KernelTuningSettings): void {
  const stranger = Object.keys(sysctl ?? {}).find((name) => !isKnownSysctl(name))
  if (stranger !== undefined) throw sysctlByRequestError(stranger)
}

const isOurs = ({ plugin }: TunableReading): boolean => plugin === "kernel-tuning"

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
