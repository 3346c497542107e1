import { readFileSync } from "node:fs"
import type { ConnectionSocket } from "veloz"
import type { SocketState } from "./socket-state.js"

/** One of the two buffers that the kernel keeps for a socket. */
export interface BufferKind {
  readonly option: "SO_RCVBUF" | "SO_SNDBUF"
  /** Its bit in SO_BUF_LOCK. */
  readonly lock: number
  /** The sysctl that no wish exceeds. */
  readonly limit: string
  /** The smallest, first and largest size of a buffer that the kernel tunes. */
  readonly tuningFile: string
}

export const SEND: BufferKind = {
  option: "SO_SNDBUF",
  lock: 1,
  limit: "net.core.wmem_max",
  tuningFile: "/proc/sys/net/ipv4/tcp_wmem",
}
export const RECEIVE: BufferKind = {
  option: "SO_RCVBUF",
  lock: 2,
  limit: "net.core.rmem_max",
  tuningFile: "/proc/sys/net/ipv4/tcp_rmem",
}

/** Sizes in bytes, null where the system does not tell. */
export interface BufferReading {
  /** The option; 0 leaves the buffer to the kernel. */
  readonly requested: number
  /** What is in force, counted like the option. */
  readonly actual: number | null
  /** What is in force as the kernel and `ss -m` count it: with the room for bookkeeping, which is as much again. */
  readonly kernel_bytes: number | null
  /** Whether the kernel sizes the buffer by the traffic, as it does until somebody sets it. */
  readonly autotuned: boolean | null
  /** Why it is not what was asked for. */
  readonly note?: string
}

/** Which buffers were set, so that the kernel no longer tunes them. It tells since Linux 5.15. */
function locksOf(socket: ConnectionSocket, state: SocketState): number {
  return socket.getOption("SO_BUF_LOCK") ?? state.locks
}

/**
 * Sets the size of a buffer, past the system's limit if `isForced`; 0 hands one that was set back to the kernel. False
 * when only a new socket has what is wished.
 */
export function setBuffer(
  socket: ConnectionSocket,
  kind: BufferKind,
  wish: { readonly bytes: number; readonly isForced: boolean },
  state: SocketState,
): boolean {
  if (wish.bytes > 0) {
    const isTaken = wish.isForced && socket.setOption(`${kind.option}FORCE`, wish.bytes) === undefined
    if (!isTaken) socket.setOption(kind.option, wish.bytes)
    state.locks |= kind.lock
    return true
  }
  const locks = locksOf(socket, state)
  if ((locks & kind.lock) === 0) return true
  if (socket.getOption("SO_BUF_LOCK") === undefined) return false
  // The kernel's tuning makes a buffer larger and never smaller: it begins where that of a new socket does.
  const first = firstBytes(kind)
  if (first !== undefined) socket.setOption(kind.option, first / 2)
  socket.setOption("SO_BUF_LOCK", locks & ~kind.lock)
  return true
}

export function readBuffer(
  socket: ConnectionSocket,
  kind: BufferKind,
  requested: number,
  state: SocketState,
): BufferReading {
  const kernelBytes = socket.getOption(kind.option)
  if (kernelBytes === undefined) return { requested, actual: null, kernel_bytes: null, autotuned: null }
  const actual = Math.floor(kernelBytes / 2)
  const autotuned = (locksOf(socket, state) & kind.lock) === 0
  const held: Held = { requested, actual, kernel_bytes: kernelBytes, autotuned }
  const note = noteOn(held, kind, socket.tcpInfo()?.segmentBytes ?? 0)
  return note === undefined ? held : { ...held, note }
}

interface Held {
  readonly requested: number
  readonly actual: number
  readonly kernel_bytes: number
  readonly autotuned: boolean
}

function noteOn(held: Held, kind: BufferKind, segmentBytes: number): string | undefined {
  const { requested, actual, kernel_bytes, autotuned } = held
  if (requested === 0) {
    return autotuned ? undefined : "is as it was set: Linux before 5.15 takes it back with a new socket only"
  }
  if (actual < requested) {
    return `the kernel allows no more than ${actual} (sysctl ${kind.limit}; force_buffers goes past it with CAP_NET_ADMIN)`
  }
  if (kind === RECEIVE && kernel_bytes < segmentBytes) {
    return `it has no room for one segment of up to ${segmentBytes} bytes: what the venue sends stalls`
  }
  return actual > requested ? `the kernel takes no less than ${actual}` : undefined
}

function firstBytes({ tuningFile }: BufferKind): number | undefined {
  try {
    return Number(readFileSync(tuningFile, "utf8").split(/\s+/)[1])
  } catch {
    return undefined
  }
}
