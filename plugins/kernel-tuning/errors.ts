import { VelozError } from "veloz"

export function sysctlByRequestError(name: string): VelozError {
  return new VelozError(
    "VELOZ_SYSCTL_BY_REQUEST",
    `a request cannot set ${name}: it may set what GET /api/tuning lists; the file, the environment or the command line can set any`,
    { status: 403, httpCode: "not_by_request", field: "sysctl" },
  )
}
