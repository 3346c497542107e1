import fs from "node:fs"
import net from "node:net"
import { readFileIfAny } from "./read-file.js"

/** Who listens on a TCP port of this machine. */
export interface PortHolder {
  /** The address that it listens on, such as "127.0.0.1" or "::". */
  readonly address: string
  readonly port: number
  /** The user that opened it. */
  readonly uid: number
  /** Undefined when the process belongs to another user or runs in another container. */
  readonly pid: number | undefined
  readonly name: string | undefined
}

/**
 * Finds who keeps `host:port` from being listened on. Undefined when nobody does, and where the system has no /proc.
 * `procRoot` is for tests.
 */
export function findPortHolder(port: number, host: string, procRoot = "/proc"): PortHolder | undefined {
  const listener = readListeners(procRoot).find((one) => one.port === port && overlaps(one.address, host))
  if (listener === undefined) return undefined
  const pid = findSocketOwner(procRoot, listener.inode)
  const name = pid === undefined ? undefined : readFileIfAny(`${procRoot}/${pid}/comm`)?.trimEnd()
  return { address: listener.address, port, uid: listener.uid, pid, name }
}

/** The holder in words, for an error: `nginx (pid 12)`. Undefined when nobody could be found. */
export function describePortHolder(
  port: number,
  host: string,
  holder = findPortHolder(port, host),
): string | undefined {
  if (holder === undefined) return undefined
  if (holder.pid !== undefined) return `${holder.name ?? "a process"} (pid ${holder.pid})`
  return `a process of another user (uid ${holder.uid}) or of another container`
}

interface Listener {
  readonly address: string
  readonly port: number
  readonly uid: number
  readonly inode: string
}

const LISTEN = "0A"

/** Lines of /proc/net/tcp: slot, local address, remote address, state, queues, timer, retransmits, uid, timeout, inode. */
function readListeners(procRoot: string): Listener[] {
  const lines = ["tcp", "tcp6"].flatMap((file) => (readFileIfAny(`${procRoot}/net/${file}`) ?? "").split("\n").slice(1))
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN)
    .map((fields) => {
      const [address, port] = fields[1].split(":")
      return {
        address: readAddress(address),
        port: Number.parseInt(port, 16),
        uid: Number(fields[7]),
        inode: fields[9],
      }
    })
}

/** The kernel prints addresses as 32-bit words, each in the byte order of this machine, which is little-endian. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? []
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)))
  if (bytes.length === 4) return bytes.join(".")
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16)).join(":")
  return canonical(groups)
}

/** Listening on every address takes the port from each one, across IPv6 and IPv4 alike. */
function overlaps(held: string, wanted: string): boolean {
  const wish = canonical(wanted === "localhost" ? "127.0.0.1" : wanted)
  return held === wish || ANY_ADDRESS.has(held) || ANY_ADDRESS.has(wish)
}

const ANY_ADDRESS = new Set(["0.0.0.0", "::"])

/** One way of writing an address: "0:0:0:0:0:0:0:1" is "::1", "::ffff:127.0.0.1" is "127.0.0.1". */
function canonical(address: string): string {
  if (!net.isIPv6(address)) return address
  const short = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short)
  if (mapped === null) return short
  const [high, low] = [Number.parseInt(mapped[1], 16), Number.parseInt(mapped[2], 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join(".")
}

/** Looks for the process that holds the socket open. Processes of other users do not let us look. */
function findSocketOwner(procRoot: string, inode: string): number | undefined {
  const link = `socket:[${inode}]`
  for (const entry of listFolder(procRoot)) {
    if (!/^\d+$/.test(entry)) continue
    const descriptors = `${procRoot}/${entry}/fd`
    if (listFolder(descriptors).some((fd) => readLink(`${descriptors}/${fd}`) === link)) return Number(entry)
  }
  return undefined
}

function listFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

function readLink(file: string): string | undefined {
  try {
    return fs.readlinkSync(file)
  } catch {
    return undefined
  }
}
