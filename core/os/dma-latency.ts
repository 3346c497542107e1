import fs from "node:fs"
import { needsPrivilege, type Refusal, refused, type Setting, unavailable } from "./setting.js"

// How long the processors may take to wake from sleep. The kernel keeps the smallest wish of all programs, and each for as
// long as its file is open: it is gone with the process, kill -9 included.

const FILE = "/dev/cpu_dma_latency"
const IDLE_DRIVER = "/sys/devices/system/cpu/cpuidle/current_driver"
/** What the file says while nobody wishes anything. */
const UNLIMITED = 2_000_000_000

let held: number | undefined

/** In microseconds; -1 is no wish of this process. */
export const dmaLatency: Setting<number> = {
  read: () => (held === undefined ? -1 : (readWord(held) ?? -1)),
  write(value) {
    if (held !== undefined) fs.closeSync(held)
    held = undefined
    if (value < 0) return undefined
    try {
      const fd = fs.openSync(FILE, "r+")
      fs.writeSync(fd, Int32Array.of(value))
      held = fd
      return undefined
    } catch (error) {
      return explain((error as NodeJS.ErrnoException).code)
    }
  },
}

/** Why a wish does nothing here, if it does not. */
export function dmaLatencyPlacebo(driverFile = IDLE_DRIVER): string | undefined {
  try {
    const driver = fs.readFileSync(driverFile, "utf8").trim()
    return driver === "none" || driver === ""
      ? "placebo: no driver puts the processors of this machine to sleep"
      : undefined
  } catch {
    return "placebo: this kernel does not put processors to sleep in steps (no cpuidle)"
  }
}

function readWord(fd: number): number | undefined {
  const word = new Int32Array(1)
  const bytes = fs.readSync(fd, new Uint8Array(word.buffer), 0, 4, 0)
  return bytes === 4 && word[0] < UNLIMITED ? word[0] : undefined
}

function explain(code: string | undefined): Refusal {
  if (code === "ENOENT") return unavailable(`${FILE} is not there: this kernel or container has none`)
  if (code === "EACCES" || code === "EPERM") {
    return needsPrivilege(
      `${FILE} may be opened by root alone: start as root, or let this user write to it (a rule of udev)`,
    )
  }
  return refused(`${FILE} cannot be set (${code})`)
}
