import { lastError, libcCall } from "./libc.js"

// The scheduling policies of threads, by the number that the kernel gave them (tid). Linux only.

/** As the kernel numbers them. "fifo" and "rr" are real-time: they go before all others, and are never preempted by them. */
const POLICIES = ["other", "fifo", "rr", "batch", "iso", "idle", "deadline"] as const

export type Policy = (typeof POLICIES)[number]

/** How a thread is scheduled. `priority` is that of real-time policies, from 1 to 99, and 0 for the others. */
export interface Scheduling {
  readonly policy: Policy
  readonly priority: number
}

export const ORDINARY: Scheduling = { policy: "other", priority: 0 }

export function policyOf(number: number): Policy {
  return POLICIES[number] ?? "other"
}

export function isRealtime({ policy }: Pick<Scheduling, "policy">): boolean {
  return policy === "fifo" || policy === "rr" || policy === "deadline"
}

/** "fifo 50", "other". */
export function formatScheduling({ policy, priority }: Scheduling): string {
  return priority > 0 ? `${policy} ${priority}` : policy
}

/**
 * Sets how a thread is scheduled. What it starts inherits nothing of a real-time policy: a forgotten child must not take
 * a CPU for itself. Returns why not, in a sentence.
 */
export function setScheduling(tid: number, { policy, priority }: Scheduling): string | undefined {
  const call = libcCall("sched_setscheduler", "int", ["int", "int", "void *"])
  if (call === undefined) return `threads have no scheduling policies on ${process.platform}`
  const number = POLICIES.indexOf(policy)
  const param = Int32Array.of(priority)
  if (isRealtime({ policy })) {
    return call(tid, number | RESET_ON_FORK, param) === 0 ? undefined : explain(lastError(), tid, policy, priority)
  }
  // Who may not take the flag away again may keep it: without a real-time policy it says nothing.
  const isSet = call(tid, number, param) === 0 || call(tid, number | RESET_ON_FORK, param) === 0
  return isSet ? undefined : explain(lastError(), tid, policy, priority)
}

const RESET_ON_FORK = 0x40000000

function explain(error: string, tid: number, policy: Policy, priority: number): string {
  const wish = formatScheduling({ policy, priority })
  switch (error) {
    case "EPERM":
      return `the kernel does not permit "${wish}": it takes the capability CAP_SYS_NICE or a limit of real-time priority of ${priority} or more (ulimit -r, LimitRTPRIO= of systemd), and in a control group with a limit of its own real-time time there too (cpu.rt_runtime_us)`
    case "EINVAL":
      return `the kernel takes no "${wish}": real-time priorities go from 1 to 99`
    case "ESRCH":
      return `thread ${tid} is gone`
    case "ENOSYS":
      return "this C library cannot set scheduling policies (musl)"
    default:
      return `the kernel refuses "${wish}" for thread ${tid} (${error})`
  }
}
