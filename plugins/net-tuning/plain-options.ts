import type { ConnectionSocket, NetTuningOptions, SocketOptionName, SocketOptionValue } from "veloz"
import type { SocketState } from "./socket-state.js"

// Options that are one value of the kernel's: set while they are wished, and as they were found when they are not.

export type PlainOption = (typeof PLAIN_OPTIONS)[number]["option"]

export interface PlainReading {
  /** The option; what stands for no wish leaves it to the kernel. */
  readonly requested: number | string | boolean
  /** What is in force; null where the system does not tell. */
  readonly actual: number | string | boolean | null
  /** Why it is not what was asked for, or does nothing here. */
  readonly note?: string
}

/** In the order in which they are set: a mark sets the priority, so the priority comes after it. */
const PLAIN_OPTIONS = [
  { option: "tcp_user_timeout", name: "TCP_USER_TIMEOUT" },
  { option: "tcp_notsent_lowat", name: "TCP_NOTSENT_LOWAT" },
  { option: "busy_poll", name: "SO_BUSY_POLL", above: "net.core.busy_read" },
  { option: "prefer_busy_poll", name: "SO_PREFER_BUSY_POLL" },
  { option: "ip_tos", name: "IP_TOS" },
  { option: "socket_priority", name: "SO_PRIORITY", above: "6" },
  { option: "tcp_congestion", name: "TCP_CONGESTION" },
] as const satisfies readonly {
  option: keyof NetTuningOptions
  name: SocketOptionName
  above?: string
}[]

/** The two lowest bits of the mark belong to congestion notification. */
const MARK_BITS = 0xfc
/** The priority that the kernel gives to a mark, by its bits 3 and 4. */
const PRIORITY_OF_MARK = [0, 2, 6, 4]

export function setPlainOptions(
  socket: ConnectionSocket,
  options: Readonly<NetTuningOptions>,
  state: SocketState,
): void {
  for (const { option, name } of PLAIN_OPTIONS) setPlain(socket, nameOn(socket, name), options[option], state)
}

export function readPlainOptions(
  socket: ConnectionSocket,
  options: Readonly<NetTuningOptions>,
  state: SocketState,
): Record<PlainOption, PlainReading> {
  const readings = PLAIN_OPTIONS.map(({ option, name }) => {
    const requested = options[option]
    const actual = actualOf(option, requested, socket.getOption(nameOn(socket, name)))
    const note = actual === null ? undefined : noteOn(socket, option, requested, actual, state)
    return [option, note === undefined ? { requested, actual } : { requested, actual, note }]
  })
  return Object.fromEntries(readings)
}

function actualOf(
  option: PlainOption,
  requested: number | string | boolean,
  held: number | string | undefined,
): number | string | boolean | null {
  if (held === undefined) return null
  if (option === "ip_tos") return (held as number) & MARK_BITS
  return typeof requested === "boolean" ? held !== 0 : held
}

/** The same mark has another name on IPv6, whose sockets alone have it. */
function nameOn(socket: ConnectionSocket, name: SocketOptionName): SocketOptionName {
  return name === "IP_TOS" && socket.getOption("IPV6_TCLASS") !== undefined ? "IPV6_TCLASS" : name
}

function setPlain(
  socket: ConnectionSocket,
  name: SocketOptionName,
  wish: number | string | boolean,
  state: SocketState,
): void {
  const isWished = wish !== 0 && wish !== "" && wish !== false
  const found = state.found.get(name)
  state.refusals.delete(name)
  if (!isWished && found === undefined) return
  if (!isWished) {
    state.found.delete(name)
    set(socket, name, name === "SO_PRIORITY" ? impliedPriority(socket) : found!, state)
    return
  }
  const before = socket.getOption(name)
  if (found === undefined && before !== undefined) state.found.set(name, before)
  set(socket, name, typeof wish === "boolean" ? 1 : wish, state)
}

function set(socket: ConnectionSocket, name: SocketOptionName, value: number | string, state: SocketState): void {
  const refusal = socket.setOption(name, value as SocketOptionValue<typeof name>)
  if (refusal !== undefined) state.refusals.set(name, refusal)
}

function impliedPriority(socket: ConnectionSocket): number {
  const mark = socket.getOption("IPV6_TCLASS") === undefined ? (socket.getOption("IP_TOS") ?? 0) : 0
  return PRIORITY_OF_MARK[(mark >> 3) & 3]
}

function noteOn(
  socket: ConnectionSocket,
  option: PlainOption,
  requested: number | string | boolean,
  actual: number | string | boolean,
  state: SocketState,
): string | undefined {
  const entry = PLAIN_OPTIONS.find((other) => other.option === option)!
  const refusal = state.refusals.get(nameOn(socket, entry.name))
  if (refusal !== undefined) return REFUSALS[refusal]?.(entry) ?? `the kernel refuses it (${refusal})`
  if (requested === 0 || requested === "" || requested === false) return undefined
  if (option === "ip_tos" && actual === ((requested as number) & MARK_BITS)) {
    return actual === requested ? undefined : "its two lowest bits belong to the kernel"
  }
  if (actual !== requested) return "it was changed by others"
  const isPolling = option === "busy_poll" || option === "prefer_busy_poll"
  if (!isPolling || socket.getOption("SO_INCOMING_NAPI_ID") !== 0) return undefined
  return "placebo: what arrives here comes by no queue that could be polled, as on loopback"
}

const REFUSALS: Record<string, (entry: { option: PlainOption; above?: string }) => string> = {
  EPERM: ({ option, above }) => {
    if (option === "tcp_congestion") {
      return "it is not among net.ipv4.tcp_allowed_congestion_control, and others need the capability CAP_NET_ADMIN"
    }
    return `${above === undefined ? "it" : `more than ${above}`} needs the capability CAP_NET_ADMIN`
  },
  ENOENT: () => "this kernel has not loaded it: see net.ipv4.tcp_available_congestion_control",
  ENOPROTOOPT: () => "unavailable: this kernel does not know the option",
  EINVAL: () => "the kernel takes no such value",
}
