import { readFileSync } from "node:fs"
import type { NetTuningOptions } from "veloz"
import { congestionUnavailableError } from "./errors.js"

/** Objects to a congestion control that no socket of this machine could have. */
export function check({ tcp_congestion }: Readonly<NetTuningOptions>, available = availableControls()): void {
  if (tcp_congestion === "" || available.length === 0 || available.includes(tcp_congestion)) return
  throw congestionUnavailableError(tcp_congestion, available)
}

/** None where the system does not tell. */
function availableControls(): readonly string[] {
  try {
    return readFileSync("/proc/sys/net/ipv4/tcp_available_congestion_control", "utf8").trim().split(/\s+/)
  } catch {
    return []
  }
}
