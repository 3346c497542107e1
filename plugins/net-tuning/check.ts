import { type NetTuningOptions, VelozError } from "veloz"

/** What the sockets of this release have: TCP_NODELAY on, and everything else as the kernel sets it. */
const IN_FORCE: NetTuningOptions = { tcp_nodelay: true, recv_buffer: 0, send_buffer: 0, keepalive_interval: 30 }

/** Refuses what would have to be set on sockets: an option that is taken and has no effect would be a lie. */
export function check(options: Readonly<NetTuningOptions>): void {
  for (const name of Object.keys(IN_FORCE) as (keyof NetTuningOptions)[]) {
    if (options[name] !== undefined && options[name] !== IN_FORCE[name]) throw notAvailable(name, options[name])
  }
}

function notAvailable(name: keyof NetTuningOptions, value: unknown): VelozError {
  return new VelozError(
    "VELOZ_NOT_AVAILABLE",
    `net-tuning.${name} cannot be ${value}: this release sets TCP_NODELAY on the venue's sockets and nothing else; leave it ${IN_FORCE[name]}`,
    { status: 409, httpCode: "not_available", field: name },
  )
}
