import { readFileSync } from "node:fs"

/** The processes that a process has started, by their names. */
export function childrenOf(pid: number): Map<string, number> {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)
  return new Map(pids.map((child) => [nameOf(child) ?? "", child]))
}

/** Undefined when the process is gone. */
export function nameOf(pid: number): string | undefined {
  try {
    const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim()
    const isZombie = /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))
    return isZombie ? undefined : name
  } catch {
    return undefined
  }
}
