import koffi from "koffi"
import { errorName } from "./error-name.js"

/**
 * System calls on the descriptors of sockets that Node owns: what Node has no call for, and a send that allocates
 * nothing. Linux only; elsewhere `socketCalls` answers undefined and its callers go by way of Node.
 */
export interface SocketCalls {
  /** Sends without waiting. Returns the bytes taken, or minus one when the caller should go by way of Node. */
  send(fd: number, bytes: Uint8Array, length: number): number
  /** Returns why the kernel refuses, as the name of its error ("EPERM"), or undefined when it took the value. */
  setOption<N extends SocketOptionName>(fd: number, name: N, value: SocketOptionValue<N>): string | undefined
  /** The value as the kernel holds it, or undefined when it does not tell. */
  getOption<N extends SocketOptionName>(fd: number, name: N): SocketOptionValue<N> | undefined
  tcpInfo(fd: number): TcpInfo | undefined
}

/** Options as the Linux headers name them; `man 7 socket` and `man 7 tcp` have the whole story. */
export type SocketOptionName = keyof typeof SOCKET_OPTIONS

export type SocketOptionValue<N extends SocketOptionName> = N extends "TCP_CONGESTION" ? string : number

export interface TcpInfo {
  /** Smoothed round trip, as the kernel measures it; 0 before the first measurement. */
  readonly rttUs: number
  readonly rttVarianceUs: number
  /** The smallest round trip of the last minutes; 0 before the first measurement. */
  readonly minRttUs: number
  /** Segments sent again since the connection began. */
  readonly retransmits: number
  /** The largest segment that the peer may send. */
  readonly segmentBytes: number
}

const SOL_SOCKET = 1
const IPPROTO_IP = 0
const IPPROTO_IPV6 = 41
const IPPROTO_TCP = 6

const SOCKET_OPTIONS = {
  /** Bytes. The kernel takes twice the value, for its bookkeeping, and reads back what it took. */
  SO_SNDBUF: { level: SOL_SOCKET, number: 7 },
  SO_RCVBUF: { level: SOL_SOCKET, number: 8 },
  /** The same past the system's limits. Needs CAP_NET_ADMIN; read the ones above. */
  SO_SNDBUFFORCE: { level: SOL_SOCKET, number: 32 },
  SO_RCVBUFFORCE: { level: SOL_SOCKET, number: 33 },
  /** Bits of the buffers that were set, which the kernel no longer tunes: 1 send, 2 receive. Since Linux 5.15. */
  SO_BUF_LOCK: { level: SOL_SOCKET, number: 72 },
  /** 0 or 1. */
  SO_KEEPALIVE: { level: SOL_SOCKET, number: 9 },
  /** Microseconds. More than the system's value needs CAP_NET_ADMIN. */
  SO_BUSY_POLL: { level: SOL_SOCKET, number: 46 },
  /** 0 or 1. 1 needs CAP_NET_ADMIN. Since Linux 5.11. */
  SO_PREFER_BUSY_POLL: { level: SOL_SOCKET, number: 69 },
  /** The queue of a network device that the last packet came by; 0 when there is none to poll, as on loopback. */
  SO_INCOMING_NAPI_ID: { level: SOL_SOCKET, number: 56 },
  /** 0 to 6; more needs CAP_NET_ADMIN. */
  SO_PRIORITY: { level: SOL_SOCKET, number: 12 },
  /** A byte, of which the two lowest bits are the kernel's. A new value sets SO_PRIORITY too. */
  IP_TOS: { level: IPPROTO_IP, number: 1 },
  /** The same of a socket of IPv6, without the priority. */
  IPV6_TCLASS: { level: IPPROTO_IPV6, number: 67 },
  /** 0 or 1. */
  TCP_NODELAY: { level: IPPROTO_TCP, number: 1 },
  /** Seconds, from 1 to 32767. */
  TCP_KEEPIDLE: { level: IPPROTO_TCP, number: 4 },
  TCP_KEEPINTVL: { level: IPPROTO_TCP, number: 5 },
  /** Probes, from 1 to 127. */
  TCP_KEEPCNT: { level: IPPROTO_TCP, number: 6 },
  /** 0 or 1. The kernel forgets it again by itself. */
  TCP_QUICKACK: { level: IPPROTO_TCP, number: 12 },
  /** Milliseconds, 0 for the system's. */
  TCP_USER_TIMEOUT: { level: IPPROTO_TCP, number: 18 },
  /** Bytes, 0 for the system's. */
  TCP_NOTSENT_LOWAT: { level: IPPROTO_TCP, number: 25 },
  /** A name of at most 15 letters. */
  TCP_CONGESTION: { level: IPPROTO_TCP, number: 13 },
} as const

/** The calls of this system, or undefined where they are not known. Bound once a thread. */
export function socketCalls(): SocketCalls | undefined {
  if (process.platform !== "linux") return undefined
  calls ??= bind()
  return calls
}

let calls: SocketCalls | undefined

const MSG_DONTWAIT = 0x40
// Without it a peer that went away would end the process by SIGPIPE.
const MSG_NOSIGNAL = 0x4000
const TCP_INFO = 11
// struct tcp_info, all u32: | ... | 68 rtt | 72 rttvar | ... | 84 advmss | ... | 100 total_retrans | ... | 148 min_rtt |
const RTT = 68
const RTT_VARIANCE = 72
const ADVERTISED_MSS = 84
const TOTAL_RETRANSMITS = 100
const MIN_RTT = 148
const NOT_MEASURED = 0xffffffff
const TCP_INFO_BYTES = 256
const NAME_BYTES = 16

function bind(): SocketCalls {
  const libc = koffi.load(null)
  const send = libc.func("send", "intptr_t", ["int", "void *", "size_t", "int"])
  const setsockopt = libc.func("setsockopt", "int", ["int", "int", "int", "void *", "uint32_t"])
  const getsockopt = libc.func("getsockopt", "int", ["int", "int", "int", "void *", "void *"])
  const value = new Int32Array(1)
  const text = new Uint8Array(NAME_BYTES)
  const length = new Uint32Array(1)
  const info = new DataView(new ArrayBuffer(TCP_INFO_BYTES))
  const infoBytes = new Uint8Array(info.buffer)
  return {
    send: (fd, bytes, count) => send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL),
    setOption(fd, name, wanted) {
      const { level, number } = SOCKET_OPTIONS[name]
      if (typeof wanted === "number") value[0] = wanted
      const isTaken =
        typeof wanted === "number"
          ? setsockopt(fd, level, number, value, 4) === 0
          : setsockopt(fd, level, number, Buffer.from(wanted), Buffer.byteLength(wanted)) === 0
      return isTaken ? undefined : errorName(koffi.errno())
    },
    getOption<N extends SocketOptionName>(fd: number, name: N) {
      const { level, number } = SOCKET_OPTIONS[name]
      const held = name === "TCP_CONGESTION" ? text : value
      length[0] = held.byteLength
      if (getsockopt(fd, level, number, held, length) !== 0) return undefined
      return (held === value ? value[0] : nameIn(text)) as SocketOptionValue<N>
    },
    tcpInfo(fd) {
      length[0] = TCP_INFO_BYTES
      infoBytes.fill(0)
      if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, infoBytes, length) !== 0) return undefined
      const minRttUs = info.getUint32(MIN_RTT, true)
      return {
        rttUs: info.getUint32(RTT, true),
        rttVarianceUs: info.getUint32(RTT_VARIANCE, true),
        minRttUs: minRttUs === NOT_MEASURED ? 0 : minRttUs,
        retransmits: info.getUint32(TOTAL_RETRANSMITS, true),
        segmentBytes: info.getUint32(ADVERTISED_MSS, true),
      }
    },
  }
}

/** Up to the zero that ends it. */
function nameIn(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1").split("\0")[0]
}
