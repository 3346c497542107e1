import type { ConnectionSocket, NetTuningOptions } from "veloz"

/** As read back; null where the system does not tell. */
export interface KeepAliveReading {
  readonly enabled: boolean | null
  readonly idle_seconds: number | null
  readonly interval_seconds: number | null
  readonly probes: number | null
}

export function setKeepAlive(socket: ConnectionSocket, options: Readonly<NetTuningOptions>): void {
  const { keepalive_interval, keepalive_idle, keepalive_count } = options
  if (keepalive_interval > 0) {
    socket.setOption("TCP_KEEPIDLE", keepalive_idle || keepalive_interval)
    socket.setOption("TCP_KEEPINTVL", keepalive_interval)
    socket.setOption("TCP_KEEPCNT", keepalive_count)
  }
  socket.setOption("SO_KEEPALIVE", keepalive_interval > 0 ? 1 : 0)
}

export function readKeepAlive(socket: ConnectionSocket): KeepAliveReading {
  const isOn = socket.getOption("SO_KEEPALIVE")
  return {
    enabled: isOn === undefined ? null : isOn !== 0,
    idle_seconds: socket.getOption("TCP_KEEPIDLE") ?? null,
    interval_seconds: socket.getOption("TCP_KEEPINTVL") ?? null,
    probes: socket.getOption("TCP_KEEPCNT") ?? null,
  }
}
