import { type CheckContext, type KernelTuningOptions, VelozError } from "veloz"

/** This release changes nothing of the system, so it takes no wish for a change. */
export function check({ mode, sysctl }: Readonly<KernelTuningOptions>, { report }: CheckContext): void {
  if (mode !== undefined && mode !== "plan") report(notAvailable("mode", `"${mode}"`, '"plan"'))
  const [first] = Object.keys(sysctl ?? {})
  if (first !== undefined) report(notAvailable("sysctl", `{ "${first}": ... }`, "{}"))
}

function notAvailable(name: string, value: string, fallback: string): VelozError {
  return new VelozError(
    "VELOZ_NOT_AVAILABLE",
    `kernel-tuning.${name} cannot be ${value}: this release changes no kernel settings; leave it ${fallback}`,
    { status: 409, httpCode: "not_available", field: name },
  )
}
