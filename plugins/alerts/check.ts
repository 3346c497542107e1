import { type AlertsOptions, VelozError } from "veloz"

/** Nobody watches yet, and an alert that is never raised is worse than none. */
export function check({ rules }: Readonly<AlertsOptions>): void {
  const first = rules?.[0]
  if (first === undefined) return
  throw new VelozError(
    "VELOZ_NOT_AVAILABLE",
    `alerts.rules cannot hold "${first.name}": this release raises no alerts; leave the list empty and watch GET /api/metrics/latency`,
    { status: 409, httpCode: "not_available", field: "rules" },
  )
}
