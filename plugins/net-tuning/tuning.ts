import type { HeldReading, NetTuningOptions, Tunable, TuningOffer, TuningToggle } from "veloz"
import { SOCKET_TUNABLES, type SocketTunable } from "./catalogue.js"
import type { SocketReading } from "./socket.js"

/** What the options want of the sockets. The network part sets it. */
export function tuning(options: Readonly<NetTuningOptions>): TuningOffer {
  return {
    wishes: SOCKET_TUNABLES.map(({ tunable, option, wish }) => {
      const wanted = wish(options)
      const origin = wanted === undefined ? {} : { origin: `plugins.net-tuning.${option}` }
      return { tunable, wish: wanted, toggle: toggleOf(tunable, option, options), ...origin }
    }),
  }
}

/** On is as it is wished for, or else what latency asks for. */
function toggleOf(
  { presets }: Tunable,
  option: keyof NetTuningOptions,
  options: Readonly<NetTuningOptions>,
): TuningToggle | undefined {
  const wished = options[option]
  const preset = presets?.["low-latency"]?.value
  const on = wished || (preset === "on" ? true : preset)
  if (on === undefined) return undefined
  const off = typeof wished === "string" ? "" : typeof wished === "boolean" ? false : 0
  const path = `plugins.net-tuning.${option}`
  return { request: "/api/config/network", path, off: { [option]: off }, on: { [option]: on } }
}

/** How an option of the sockets stands, each by itself. */
export function readTunable(
  { wish, read }: SocketTunable,
  options: Readonly<NetTuningOptions>,
  sockets: readonly SocketReading[],
): HeldReading {
  const wanted = wish(options)
  const figures = sockets.map((socket) => ({ name: socket.connection, ...read(socket) }))
  const parts = figures.map(({ name, found }) => {
    return { name, found: plain(found), verified: wanted === undefined || plain(found) === wanted }
  })
  const note = figures.find((figure) => figure.note !== undefined)?.note
  const isOne = parts.length > 0 && parts.every(({ found }) => found === parts[0].found)
  return {
    found: isOne ? parts[0].found : null,
    verified: wanted === undefined || parts.length === 0 ? null : parts.every(({ verified }) => verified),
    ...(note !== undefined && { note }),
    ...(wanted !== undefined && note?.startsWith("placebo: ") && { state: "placebo" as const }),
    parts,
  }
}

function plain(found: string | number | boolean | null): string | number | null {
  return typeof found === "boolean" ? (found ? "on" : "off") : found
}
