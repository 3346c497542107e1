import fs from "node:fs"
import { lastError, libcCall } from "./libc.js"
import { refused, type Setting, unavailable } from "./setting.js"

/** Whether the kernel may give this process pages of 2 MiB, whatever the system allows. */
export const hugePages: Setting<"allowed" | "never"> = {
  read() {
    const isDisabled = prctl(PR_GET_THP_DISABLE)
    return isDisabled === undefined || isDisabled < 0 ? undefined : isDisabled === 0 ? "allowed" : "never"
  },
  write(value) {
    const result = prctl(PR_SET_THP_DISABLE, value === "never" ? 1 : 0)
    if (result === undefined) return unavailable(`there is no such setting on ${process.platform}`)
    return result === 0 ? undefined : refused(`the kernel refuses it (${lastError()})`)
  },
}

/** KiB of this process that are huge pages now; undefined where the system does not tell. Walks all memory: 1 ms. */
export function hugeKib(): number | undefined {
  try {
    const [, kib] = /^AnonHugePages:\s+(\d+)/m.exec(fs.readFileSync("/proc/self/smaps_rollup", "utf8")) ?? []
    return kib === undefined ? undefined : Number(kib)
  } catch {
    return undefined
  }
}

/** To whom this system gives huge pages: "always", "madvise" (who asks), "never". Undefined where there are none. */
export function hugePagesOfSystem(): string | undefined {
  try {
    return /\[(\w+)\]/.exec(fs.readFileSync("/sys/kernel/mm/transparent_hugepage/enabled", "utf8"))?.[1]
  } catch {
    return undefined
  }
}

const PR_SET_THP_DISABLE = 41
const PR_GET_THP_DISABLE = 42

function prctl(operation: number, value = 0): number | undefined {
  const call = libcCall("prctl", "int", ["int", "unsigned long", "unsigned long", "unsigned long", "unsigned long"])
  return call?.(operation, value, 0, 0, 0)
}
