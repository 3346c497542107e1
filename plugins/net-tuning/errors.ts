import { VelozError } from "veloz"

export function socketsSilentError(reason: string): VelozError {
  return new VelozError(
    "VELOZ_SOCKETS_SILENT",
    `the network thread has not said what its sockets have: ${reason}; ask again`,
    { status: 503, httpCode: "overloaded" },
  )
}

export function congestionUnavailableError(wish: string, available: readonly string[]): VelozError {
  return new VelozError(
    "VELOZ_CONGESTION_UNAVAILABLE",
    `net-tuning.tcp_congestion cannot be "${wish}": this kernel has loaded ${available.join(", ")}; name one of these, or load the module first (modprobe tcp_${wish})`,
    { status: 422, httpCode: "congestion_unavailable", field: "tcp_congestion" },
  )
}
