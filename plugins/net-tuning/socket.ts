import type { ConnectionSocket, NetTuningOptions } from "veloz"
import { type BufferLocks, type BufferReading, RECEIVE, readBuffer, SEND, setBuffer } from "./buffer.js"

/** Probes without an answer until the kernel gives a peer up. */
const KEEPALIVE_PROBES = 3

/** What one socket has, read back from the kernel; null where the system does not tell. */
export interface SocketReading {
  /** The plugin that opened the connection, and what it calls it. */
  readonly connection: string
  readonly peer: string | null
  readonly local: string | null
  readonly tcp_nodelay: boolean | null
  readonly recv_buffer: BufferReading
  readonly send_buffer: BufferReading
  readonly keepalive: {
    readonly enabled: boolean | null
    readonly idle_seconds: number | null
    readonly interval_seconds: number | null
    readonly probes: number | null
  }
  readonly rtt_us: number | null
  readonly min_rtt_us: number | null
  readonly retransmits: number | null
}

/** Sets the options on a socket. Returns what came of them otherwise than asked, for people to read. */
export function tuneSocket(
  socket: ConnectionSocket,
  options: Readonly<NetTuningOptions>,
  locks: BufferLocks,
): string[] {
  const { tcp_nodelay, recv_buffer, send_buffer, keepalive_interval } = options
  if (!socket.setOption("TCP_NODELAY", tcp_nodelay ? 1 : 0)) {
    return [
      "nothing is set on sockets: that takes Linux; they have TCP_NODELAY on, and the rest as this system sets it",
    ]
  }
  setBuffer(socket, RECEIVE, recv_buffer, locks)
  setBuffer(socket, SEND, send_buffer, locks)
  setKeepAlive(socket, keepalive_interval)
  return [
    ...notesOn("recv_buffer", readBuffer(socket, RECEIVE, recv_buffer, locks)),
    ...notesOn("send_buffer", readBuffer(socket, SEND, send_buffer, locks)),
  ]
}

export function readSocket(
  socket: ConnectionSocket,
  { recv_buffer, send_buffer }: Readonly<NetTuningOptions>,
  locks: BufferLocks,
): SocketReading {
  const info = socket.tcpInfo()
  return {
    connection: `${socket.owner}/${socket.key}`,
    peer: socket.peer ?? null,
    local: socket.local ?? null,
    tcp_nodelay: flag(socket.getOption("TCP_NODELAY")),
    recv_buffer: readBuffer(socket, RECEIVE, recv_buffer, locks),
    send_buffer: readBuffer(socket, SEND, send_buffer, locks),
    keepalive: {
      enabled: flag(socket.getOption("SO_KEEPALIVE")),
      idle_seconds: socket.getOption("TCP_KEEPIDLE") ?? null,
      interval_seconds: socket.getOption("TCP_KEEPINTVL") ?? null,
      probes: socket.getOption("TCP_KEEPCNT") ?? null,
    },
    // There is no round trip of 0.
    rtt_us: info?.rttUs || null,
    min_rtt_us: info?.minRttUs || null,
    retransmits: info?.retransmits ?? null,
  }
}

function setKeepAlive(socket: ConnectionSocket, intervalSeconds: number): void {
  if (intervalSeconds > 0) {
    socket.setOption("TCP_KEEPIDLE", intervalSeconds)
    socket.setOption("TCP_KEEPINTVL", intervalSeconds)
    socket.setOption("TCP_KEEPCNT", KEEPALIVE_PROBES)
  }
  socket.setOption("SO_KEEPALIVE", intervalSeconds > 0 ? 1 : 0)
}

function notesOn(option: string, { requested, note }: BufferReading): string[] {
  return note === undefined ? [] : [`${option} ${requested}: ${note}`]
}

function flag(value: number | undefined): boolean | null {
  return value === undefined ? null : value !== 0
}
