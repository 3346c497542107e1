import type { ConnectionSocket, NetTuningOptions } from "veloz"
import { type BufferReading, RECEIVE, readBuffer, SEND, setBuffer } from "./buffer.js"
import { type KeepAliveReading, readKeepAlive, setKeepAlive } from "./keepalive.js"
import { type PlainOption, type PlainReading, readPlainOptions, setPlainOptions } from "./plain-options.js"
import type { SocketState } from "./socket-state.js"

/** What one socket has, read back from the kernel; null where the system does not tell. */
export interface SocketReading extends Readonly<Record<PlainOption, PlainReading>> {
  /** The plugin that opened the connection, and what it calls it. */
  readonly connection: string
  readonly peer: string | null
  readonly local: string | null
  readonly tcp_nodelay: boolean | null
  readonly recv_buffer: BufferReading
  readonly send_buffer: BufferReading
  readonly keepalive: KeepAliveReading
  readonly rtt_us: number | null
  readonly min_rtt_us: number | null
  readonly retransmits: number | null
}

/** What came of the options on a socket. */
export interface Tuned {
  /** What is otherwise than asked, for people to read. */
  readonly notes: readonly string[]
  /** Set when only a new socket has what is wished: why. */
  readonly isStale: boolean
}

export function tuneSocket(socket: ConnectionSocket, options: Readonly<NetTuningOptions>, state: SocketState): Tuned {
  const { tcp_nodelay, recv_buffer, send_buffer, force_buffers } = options
  if (socket.setOption("TCP_NODELAY", tcp_nodelay ? 1 : 0) !== undefined) return { notes: [ELSEWHERE], isStale: false }
  const isForced = force_buffers
  const receives = setBuffer(socket, RECEIVE, { bytes: recv_buffer, isForced }, state)
  const sends = setBuffer(socket, SEND, { bytes: send_buffer, isForced }, state)
  setKeepAlive(socket, options)
  setPlainOptions(socket, options, state)
  const readings = readTunables(socket, options, state)
  const notes = Object.entries(readings).flatMap(([option, { requested, note }]) => {
    return note === undefined ? [] : [`${option} ${requested}: ${note}`]
  })
  return { notes, isStale: !receives || !sends }
}

export function readSocket(
  socket: ConnectionSocket,
  options: Readonly<NetTuningOptions>,
  state: SocketState,
): SocketReading {
  const info = socket.tcpInfo()
  const noDelay = socket.getOption("TCP_NODELAY")
  return {
    connection: `${socket.owner}/${socket.key}`,
    peer: socket.peer ?? null,
    local: socket.local ?? null,
    tcp_nodelay: noDelay === undefined ? null : noDelay !== 0,
    keepalive: readKeepAlive(socket),
    ...readTunables(socket, options, state),
    // There is no round trip of 0.
    rtt_us: info?.rttUs || null,
    min_rtt_us: info?.minRttUs || null,
    retransmits: info?.retransmits ?? null,
  }
}

const ELSEWHERE =
  "nothing is set on sockets: that takes Linux; they have TCP_NODELAY on, and the rest as this system sets it"

type Tunables = Pick<SocketReading, "recv_buffer" | "send_buffer" | PlainOption>

function readTunables(socket: ConnectionSocket, options: Readonly<NetTuningOptions>, state: SocketState): Tunables {
  return {
    recv_buffer: readBuffer(socket, RECEIVE, options.recv_buffer, state),
    send_buffer: readBuffer(socket, SEND, options.send_buffer, state),
    ...readPlainOptions(socket, options, state),
  }
}
