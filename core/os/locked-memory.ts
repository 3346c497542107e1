import fs from "node:fs"
import { lastError, libcCall } from "./libc.js"
import { needsPrivilege, type Refusal, refused, type Setting, unavailable } from "./setting.js"

/** Whether all memory of this process stays in RAM, page by page as it is used: what it never touches takes none. */
export const lockedMemory: Setting<boolean> = {
  read() {
    const kb = statusNumber("VmLck")
    return kb === undefined ? undefined : kb > 0
  },
  write(isLocked) {
    const call = isLocked ? libcCall("mlockall", "int", ["int"]) : libcCall("munlockall", "int", [])
    if (call === undefined) return unavailable(`memory cannot be locked on ${process.platform}`)
    const obstacle = isLocked ? obstacleTo() : undefined
    if (obstacle !== undefined) return obstacle
    const result = isLocked ? call(CURRENT_AND_FUTURE_ON_FAULT) : call()
    return result === 0 ? undefined : explain(lastError())
  },
}

/** KiB that are locked now; undefined where the system does not tell. */
export function lockedKib(): number | undefined {
  return statusNumber("VmLck")
}

/** MCL_CURRENT, MCL_FUTURE and MCL_ONFAULT: without the last one every reserved page would become resident. */
const CURRENT_AND_FUTURE_ON_FAULT = 7
const IPC_LOCK = 14n
const MEND =
  "it takes the capability CAP_IPC_LOCK, or no limit of locked memory (ulimit -l unlimited, LimitMEMLOCK=infinity of systemd)"

/** With a limit, memory that is asked for later would be refused, and the process would end. So it is not begun. */
function obstacleTo(): Refusal | undefined {
  const has = (BigInt(`0x${statusText("CapEff") ?? "0"}`) >> IPC_LOCK) & 1n
  if (has === 1n) return undefined
  const [, soft] = /^Max locked memory\s+(\S+)/m.exec(readText("/proc/self/limits")) ?? []
  if (soft === "unlimited") return undefined
  return needsPrivilege(`memory is not locked: ${MEND}; the limit is ${soft ?? "not known"} bytes (ENOMEM)`)
}

function explain(error: string): Refusal {
  if (["ENOMEM", "EPERM", "EAGAIN"].includes(error)) return needsPrivilege(`memory is not locked (${error}): ${MEND}`)
  return refused(`the kernel refuses to lock memory (${error})`)
}

function statusNumber(key: string): number | undefined {
  const text = statusText(key)
  return text === undefined ? undefined : Number.parseInt(text, 10)
}

function statusText(key: string): string | undefined {
  return new RegExp(`^${key}:\\s*(\\S+)`, "m").exec(readText("/proc/self/status"))?.[1]
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return ""
  }
}
