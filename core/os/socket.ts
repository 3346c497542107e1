import koffi from "koffi"

/**
 * System calls on the descriptors of sockets that Node owns: what Node has no call for, and a send that allocates
 * nothing. Linux only; elsewhere `socketCalls` answers undefined and its callers go by way of Node.
 */
export interface SocketCalls {
  /** Sends without waiting. Returns the bytes taken, or minus one when the caller should go by way of Node. */
  send(fd: number, bytes: Uint8Array, length: number): number
  setOption(fd: number, option: SocketOption, value: number): boolean
  /** The value as the kernel holds it (it doubles buffer sizes), or undefined when it does not tell. */
  getOption(fd: number, option: SocketOption): number | undefined
  tcpInfo(fd: number): TcpInfo | undefined
}

/** A socket option by its level and number in the Linux headers. */
export interface SocketOption {
  readonly name: string
  readonly level: number
  readonly number: number
}

export interface TcpInfo {
  /** Smoothed round trip, as the kernel measures it. */
  readonly rttUs: number
  readonly rttVarianceUs: number
  readonly minRttUs: number
  /** Segments sent again since the connection began. */
  readonly retransmits: number
}

const SOL_SOCKET = 1
const IPPROTO_TCP = 6

export const SocketOptions = {
  SendBuffer: { name: "SO_SNDBUF", level: SOL_SOCKET, number: 7 },
  ReceiveBuffer: { name: "SO_RCVBUF", level: SOL_SOCKET, number: 8 },
  KeepAlive: { name: "SO_KEEPALIVE", level: SOL_SOCKET, number: 9 },
  BusyPoll: { name: "SO_BUSY_POLL", level: SOL_SOCKET, number: 46 },
  NoDelay: { name: "TCP_NODELAY", level: IPPROTO_TCP, number: 1 },
  KeepAliveIdleSeconds: { name: "TCP_KEEPIDLE", level: IPPROTO_TCP, number: 4 },
  KeepAliveIntervalSeconds: { name: "TCP_KEEPINTVL", level: IPPROTO_TCP, number: 5 },
  KeepAliveCount: { name: "TCP_KEEPCNT", level: IPPROTO_TCP, number: 6 },
  QuickAck: { name: "TCP_QUICKACK", level: IPPROTO_TCP, number: 12 },
  UserTimeoutMs: { name: "TCP_USER_TIMEOUT", level: IPPROTO_TCP, number: 18 },
} as const satisfies Record<string, SocketOption>

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
// struct tcp_info: | ... | 68 rtt u32 | 72 rttvar u32 | ... | 100 total_retrans u32 | ... | 148 min_rtt u32 |
const RTT = 68
const RTT_VARIANCE = 72
const TOTAL_RETRANSMITS = 100
const MIN_RTT = 148
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
    setOption(fd, option, wanted) {
      value[0] = wanted
      return setsockopt(fd, option.level, option.number, value, 4) === 0
    },
    getOption(fd, option) {
      length[0] = 4
      return getsockopt(fd, option.level, option.number, value, length) === 0 ? value[0] : undefined
    },
    tcpInfo(fd) {
      length[0] = TCP_INFO_BYTES
      infoBytes.fill(0)
      if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, infoBytes, length) !== 0) return undefined
      return {
        rttUs: info.getUint32(RTT, true),
        rttVarianceUs: info.getUint32(RTT_VARIANCE, true),
        minRttUs: info.getUint32(MIN_RTT, true),
        retransmits: info.getUint32(TOTAL_RETRANSMITS, true),
      }
    },
  }
}
