import koffi from "koffi"

/**
 * System calls on the descriptors of sockets that Node owns: what Node has no call for, and a send that allocates
 * nothing. Linux only; elsewhere `socketCalls` answers undefined and its callers go by way of Node.
 */
export interface SocketCalls {
  /** Sends without waiting. Returns the bytes taken, or minus one when the caller should go by way of Node. */
  send(fd: number, bytes: Uint8Array, length: number): number
  /** Returns false when the kernel refuses. */
  setOption(fd: number, name: SocketOptionName, value: number): boolean
  /** The value as the kernel holds it, or undefined when it does not tell. */
  getOption(fd: number, name: SocketOptionName): number | undefined
  tcpInfo(fd: number): TcpInfo | undefined
}

/** Options as the Linux headers name them; `man 7 socket` and `man 7 tcp` have the whole story. */
export type SocketOptionName = keyof typeof SOCKET_OPTIONS

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
const IPPROTO_TCP = 6

const SOCKET_OPTIONS = {
  /** Bytes. The kernel takes twice the value, for its bookkeeping, and reads back what it took. */
  SO_SNDBUF: { level: SOL_SOCKET, number: 7 },
  SO_RCVBUF: { level: SOL_SOCKET, number: 8 },
  /** Bits of the buffers that were set, which the kernel no longer tunes: 1 send, 2 receive. Since Linux 5.15. */
  SO_BUF_LOCK: { level: SOL_SOCKET, number: 72 },
  /** 0 or 1. */
  SO_KEEPALIVE: { level: SOL_SOCKET, number: 9 },
  /** Microseconds. More than the system's value needs CAP_NET_ADMIN. */
  SO_BUSY_POLL: { level: SOL_SOCKET, number: 46 },
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

function bind(): SocketCalls {
  const libc = koffi.load(null)
  const send = libc.func("send", "intptr_t", ["int", "void *", "size_t", "int"])
  const setsockopt = libc.func("setsockopt", "int", ["int", "int", "int", "void *", "uint32_t"])
  const getsockopt = libc.func("getsockopt", "int", ["int", "int", "int", "void *", "void *"])
  const value = new Int32Array(1)
  const length = new Uint32Array(1)
  const info = new DataView(new ArrayBuffer(TCP_INFO_BYTES))
  const infoBytes = new Uint8Array(info.buffer)
  return {
    send: (fd, bytes, count) => send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL),
    setOption(fd, name, wanted) {
      const { level, number } = SOCKET_OPTIONS[name]
      value[0] = wanted
      return setsockopt(fd, level, number, value, 4) === 0
    },
    getOption(fd, name) {
      const { level, number } = SOCKET_OPTIONS[name]
      length[0] = 4
      return getsockopt(fd, level, number, value, length) === 0 ? value[0] : undefined
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
