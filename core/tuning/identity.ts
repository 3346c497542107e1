import fs from "node:fs"
import { readFileIfAny } from "../os/read-file.js"

/** Who set a value: which start of the machine, which network namespace, which process. */
export interface Identity {
  /** Another one: the machine was started anew since, and nothing that was set is left. */
  readonly boot: string
  /** Where values of scope "network namespace" are. */
  readonly netns: string
  readonly pid: number
  /** In clock ticks since the boot: two processes of one number have different ones. */
  readonly started: string
}

export function ownIdentity(): Identity {
  return {
    boot: (readFileIfAny("/proc/sys/kernel/random/boot_id") ?? "").trim(),
    netns: /\d+/.exec(readLink("/proc/self/ns/net"))?.[0] ?? "",
    pid: process.pid,
    started: startOf(process.pid),
  }
}

/** In clock ticks since the boot; empty when there is no such process. */
export function startOf(pid: number): string {
  const stat = (readFileIfAny(`/proc/${pid}/stat`) ?? "").trim()
  // The name stands in brackets and may hold any character. Field 22 of proc(5) is the 20th behind it.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
}

function readLink(file: string): string {
  try {
    return fs.readlinkSync(file)
  } catch {
    return ""
  }
}
