import fs from "node:fs"
import os from "node:os"
import { lastError, libcCall } from "./libc.js"
import { needsPrivilege, refused, type Setting, unavailable } from "./setting.js"
import { currentTid, readThread } from "./threads.js"

/** Of threads with an ordinary policy: from -20, which gets the most of a CPU, to 19. */
export const nice: Setting<number> = {
  read: (tid) => readThread(tid)?.nice,
  write(value, tid) {
    try {
      os.setPriority(tid, value)
      return undefined
    } catch (error) {
      const { info } = error as { info?: { code?: string } }
      if (info?.code !== "EACCES" && info?.code !== "EPERM") {
        return refused(`the kernel refuses nice ${value} (${info?.code})`)
      }
      return needsPrivilege(
        "a nice value below the present one needs the capability CAP_SYS_NICE, or a limit (ulimit -e, LimitNICE= of systemd)",
      )
    }
  },
}

export type IoClass = "none" | "realtime" | "best-effort" | "idle"

/** In which order the disk serves a thread; "none" is as its nice value says. */
export const ioClass: Setting<IoClass> = {
  read(tid) {
    const call = ioCall("get")?.(tid, 0)
    return call === undefined || call < 0 ? undefined : IO_CLASSES[call >> IO_CLASS_SHIFT]
  },
  write(value, tid) {
    const call = ioCall("set")
    if (call === undefined) return unavailable(`threads have no I/O priority on ${process.platform} ${process.arch}`)
    const number = IO_CLASSES.indexOf(value)
    const level = number === 1 || number === 2 ? HIGHEST_IO_LEVEL : 0
    if (call(tid, (number << IO_CLASS_SHIFT) | level) === 0) return undefined
    const error = lastError()
    if (error === "EPERM")
      return needsPrivilege(`I/O class "${value}" needs the capability CAP_SYS_NICE or CAP_SYS_ADMIN`)
    return refused(`the kernel refuses I/O class "${value}" (${error})`)
  },
}

/** Who is ended first when memory is short: from -1000, which is never, to 1000. */
export const oomScore: Setting<number> = {
  read() {
    try {
      return Number(fs.readFileSync(OOM_FILE, "utf8"))
    } catch {
      return undefined
    }
  },
  write(value) {
    try {
      fs.writeFileSync(OOM_FILE, String(value))
      return undefined
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === "ENOENT") return unavailable(`${OOM_FILE} is not there: this is no Linux, or /proc is not mounted`)
      if (code === "EACCES" || code === "EPERM") {
        return needsPrivilege(
          "a lower value than the present one needs the capability CAP_SYS_RESOURCE (OOMScoreAdjust= of systemd sets it from outside)",
        )
      }
      return refused(`the kernel refuses ${value} (${code})`)
    }
  },
}

/** How late, in nanoseconds, the kernel may wake the calling thread, to wake several at once. 0 is the default again. */
export const ownTimerSlack: Setting<number> = {
  read() {
    const ns = prctl(PR_GET_TIMERSLACK)
    return ns === undefined || ns < 0 ? undefined : ns
  },
  write(value) {
    const result = prctl(PR_SET_TIMERSLACK, value)
    if (result === undefined) return unavailable(`there is no such setting on ${process.platform}`)
    return result === 0 ? undefined : refused(`the kernel refuses it (${lastError()})`)
  },
}

const OOM_FILE = "/proc/self/oom_score_adj"
const PR_SET_TIMERSLACK = 29
const PR_GET_TIMERSLACK = 30

function prctl(operation: number, value = 0): number | undefined {
  const call = libcCall("prctl", "int", ["int", "unsigned long", "unsigned long", "unsigned long", "unsigned long"])
  return call?.(operation, value, 0, 0, 0)
}

const IO_CLASSES = ["none", "realtime", "best-effort", "idle"] as const
const IO_CLASS_SHIFT = 13
const HIGHEST_IO_LEVEL = 0
const IOPRIO_WHO_PROCESS = 1
/** libc has no calls of these names. */
const IO_NUMBERS: Readonly<Record<string, { readonly get: number; readonly set: number }>> = {
  x64: { set: 251, get: 252 },
  arm64: { set: 30, get: 31 },
}

function ioCall(which: "get" | "set"): ((tid: number, value: number) => number) | undefined {
  const number = IO_NUMBERS[process.arch]?.[which]
  const syscall = libcCall("syscall", "long", ["long", "long", "long", "long"])
  if (number === undefined || syscall === undefined) return undefined
  return (tid, value) => syscall(number, IOPRIO_WHO_PROCESS, tid || (currentTid() ?? 0), value)
}
