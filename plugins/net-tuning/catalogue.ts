import type { NetTuningOptions, Privilege, Tunable, Wish } from "veloz"
import type { BufferReading } from "./buffer.js"
import type { PlainReading } from "./plain-options.js"
import type { SocketReading } from "./socket.js"

/** What the kernel holds for one socket, of one option. */
export interface SocketFigure {
  readonly found: string | number | boolean | null
  readonly note?: string | undefined
}

/** An option of the sockets as a tunable. */
export interface SocketTunable {
  readonly tunable: Tunable
  /** The option that wishes it. */
  readonly option: keyof NetTuningOptions
  /** Undefined: the options leave it to the kernel. */
  wish(options: Readonly<NetTuningOptions>): Wish | undefined
  read(reading: SocketReading): SocketFigure
}

const GOES_HIGHER =
  "A size of one's own ends the kernel's tuning, which often goes higher (the last number of tcp_rmem, tcp_wmem)"

export const SOCKET_TUNABLES: readonly SocketTunable[] = [
  {
    tunable: socket("TCP_NODELAY", {
      meaning: "Small frames leave at once, instead of waiting for the ack of the one before (Nagle).",
      presets: {
        "low-latency": { value: "on", reason: "A frame that waits for an ack is a round trip late." },
        "high-throughput": { value: "on", reason: "The batch stage decides when a segment leaves." },
      },
    }),
    option: "tcp_nodelay",
    wish: ({ tcp_nodelay }) => onOff(tcp_nodelay),
    read: ({ tcp_nodelay }) => ({ found: tcp_nodelay }),
  },
  buffer(
    "SO_RCVBUF",
    "recv_buffer",
    "The receive buffer; the kernel sizes it by the traffic as long as nobody sets it.",
  ),
  buffer("SO_SNDBUF", "send_buffer", "The send buffer; the kernel sizes it by the traffic as long as nobody sets it."),
  keepAlive("TCP_KEEPIDLE", "s", "How long a peer is silent until the kernel asks whether it is alive.", {
    option: "keepalive_idle",
    wish: ({ keepalive_idle, keepalive_interval }) => keepalive_idle || keepalive_interval,
    read: ({ keepalive }) => ({ found: keepalive.idle_seconds }),
  }),
  keepAlive("TCP_KEEPINTVL", "s", "The time between these questions.", {
    option: "keepalive_interval",
    wish: ({ keepalive_interval }) => keepalive_interval,
    read: ({ keepalive }) => ({ found: keepalive.interval_seconds }),
  }),
  keepAlive("TCP_KEEPCNT", "probes", "Questions without an answer until the connection is dropped and opened anew.", {
    option: "keepalive_count",
    wish: ({ keepalive_count }) => keepalive_count,
    read: ({ keepalive }) => ({ found: keepalive.probes }),
  }),
  plain("tcp_user_timeout", "TCP_USER_TIMEOUT", {
    unit: "ms",
    kernel: "2.6.37",
    meaning: "How long what was sent may stay without an ack until the connection is dropped and opened anew.",
    presets: {
      "low-latency": { value: 5000, reason: "A venue that has not acknowledged for five seconds is gone." },
      "high-throughput": { value: 30_000, reason: "A busy path may stall for a while." },
    },
  }),
  plain("tcp_notsent_lowat", "TCP_NOTSENT_LOWAT", {
    unit: "bytes",
    kernel: "3.12",
    meaning: "What may wait in the kernel without having been sent; the rest waits where a cancel can still go first.",
    presets: {
      "low-latency": { value: 16_384, reason: "A queue in the kernel is one that nobody can reorder." },
      "high-throughput": { value: 131_072, reason: "Enough for the device to be busy." },
    },
  }),
  plain("busy_poll", "SO_BUSY_POLL", {
    unit: "us",
    kernel: "3.11",
    needs: "CAP_NET_ADMIN",
    meaning:
      "How long a read without data asks the network card itself. No effect on loopback, and on the event loop only with net.core.busy_poll.",
  }),
  plain("prefer_busy_poll", "SO_PREFER_BUSY_POLL", {
    kernel: "5.11",
    needs: "CAP_NET_ADMIN",
    meaning: "Whether such polling may hold back the card's interrupts. No effect on loopback.",
  }),
  plain("ip_tos", "IP_TOS", {
    meaning: "The mark on every packet (IPV6_TCLASS on IPv6), for networks that tell traffic apart by it.",
  }),
  plain("socket_priority", "SO_PRIORITY", {
    meaning: "The queue of this machine that packets leave by, where there are several. A mark implies one.",
  }),
  plain("tcp_congestion", "TCP_CONGESTION", {
    meaning: "The congestion control: how fast a connection sends what it has, and how it answers to losses.",
  }),
]

type Facts = Partial<Omit<Tunable, "id" | "scope" | "undo">> & { readonly meaning: string; readonly needs?: Privilege }

function socket(id: string, facts: Facts): Tunable {
  return { id, scope: "socket", undo: "at close", ...facts }
}

function plain(option: keyof NetTuningOptions & keyof SocketReading, id: string, facts: Facts): SocketTunable {
  return {
    tunable: socket(id, facts),
    option,
    wish: (options) => wishOf(options[option]),
    read: (reading) => {
      const { actual, note } = reading[option] as PlainReading
      return { found: actual, note }
    },
  }
}

function buffer(id: string, option: "recv_buffer" | "send_buffer", meaning: string): SocketTunable {
  return {
    tunable: socket(id, { unit: "bytes", meaning: `${meaning} ${GOES_HIGHER}.` }),
    option,
    wish: (options) => wishOf(options[option]),
    read: (reading) => {
      const { actual, note }: BufferReading = reading[option]
      return { found: actual, note }
    },
  }
}

function keepAlive(id: string, unit: string, meaning: string, rest: Omit<SocketTunable, "tunable">): SocketTunable {
  const { wish } = rest
  return {
    ...rest,
    tunable: socket(id, { unit, meaning }),
    wish: (options) => (options.keepalive_interval > 0 ? wish(options) : undefined),
  }
}

/** What stands for no wish is none. */
function wishOf(value: number | string | boolean): Wish | undefined {
  if (value === 0 || value === "" || value === false) return undefined
  return value === true ? "on" : value
}

const onOff = (isOn: boolean): string => (isOn ? "on" : "off")
