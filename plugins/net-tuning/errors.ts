import { VelozError } from "veloz"

export function socketsSilentError(reason: string): VelozError {
  return new VelozError(
    "VELOZ_SOCKETS_SILENT",
    `the network thread has not said what its sockets have: ${reason}; ask again`,
    { status: 503, httpCode: "overloaded" },
  )
}
