import { execFileSync } from "node:child_process"
import { closeSync, readdirSync, readFileSync, readlinkSync } from "node:fs"
import { endianness } from "node:os"
import koffi from "koffi"
import { type SocketOptionName, type SocketOptionValue, socketCalls } from "../../core/os/socket.js"

// The TCP sockets of another process as the system tells of them, without asking that process. Linux, IPv4.

export interface OutsideSocket {
  readonly fd: number
  readonly local: string
  readonly peer: string
  /** Until the next keepalive probe; undefined when none is due. */
  readonly keepAliveMs: number | undefined
}

/** From /proc: the connected sockets that a process holds. */
export function socketsOf(pid: number): OutsideSocket[] {
  const rows = readFileSync(`/proc/${pid}/net/tcp`, "utf8").trim().split("\n").slice(1)
  const byInode = new Map(rows.map((row) => [Number(row.trim().split(/\s+/)[9]), row.trim().split(/\s+/)]))
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const row = byInode.get(inodeOf(`/proc/${pid}/fd/${fd}`))
    if (row === undefined || row[3] !== ESTABLISHED) return []
    const [timer, ticks] = row[5].split(":")
    const keepAliveMs = timer === KEEPALIVE_TIMER ? Number.parseInt(ticks, 16) * TICK_MS : undefined
    return { fd: Number(fd), local: addressOf(row[1]), peer: addressOf(row[2]), keepAliveMs }
  })
}

export function hasSs(): boolean {
  try {
    execFileSync("ss", ["-V"], { stdio: "ignore" })
    return true
  } catch {
    return false
  }
}

/** From `ss`: the sizes of the buffers, in the kernel's bytes. */
export function buffersOf(socket: OutsideSocket): { receiveBytes: number; sendBytes: number } {
  const text = execFileSync("ss", ["-tnmH", "src", socket.local, "dst", socket.peer], { encoding: "utf8" })
  const [, receiveBytes, sendBytes] = /skmem:\(r\d+,rb(\d+),t\d+,tb(\d+)/.exec(text) ?? []
  return { receiveBytes: Number(receiveBytes), sendBytes: Number(sendBytes) }
}

/** From a copy of the descriptor; undefined where the system does not let one process look into another. */
export function optionOf<N extends SocketOptionName>(
  pid: number,
  { fd }: OutsideSocket,
  name: N,
): SocketOptionValue<N> | undefined {
  const syscall = koffi.load(null).func("syscall", "long", ["long", "long", "long", "long"])
  const process = syscall(PIDFD_OPEN, pid, 0, 0) as number
  if (process < 0) return undefined
  const copy = syscall(PIDFD_GETFD, process, fd, 0) as number
  closeSync(process)
  if (copy < 0) return undefined
  const value = socketCalls()!.getOption(copy, name)
  closeSync(copy)
  return value
}

const ESTABLISHED = "01"
const KEEPALIVE_TIMER = "02"
/** /proc counts in hundredths of a second. */
const TICK_MS = 10
const PIDFD_OPEN = 434
const PIDFD_GETFD = 438

function inodeOf(link: string): number {
  try {
    return Number(/^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1])
  } catch {
    // Closed meanwhile.
    return Number.NaN
  }
}

/** `0100007F:1F90` is 127.0.0.1:8080 on a machine that puts the low byte first. */
function addressOf(hex: string): string {
  const [host, port] = hex.split(":")
  const bytes = [...Buffer.from(host, "hex")]
  if (endianness() === "LE") bytes.reverse()
  return `${bytes.join(".")}:${Number.parseInt(port, 16)}`
}
