import fs from "node:fs"
import koffi from "koffi"
import { allowedCpus, formatCpuList } from "./cpus.js"
import { policyOf, type Scheduling } from "./policy.js"

// Threads of this process, by the number that the kernel gave them (tid). Linux only: elsewhere reading answers
// undefined or nothing, and pinning answers with the reason.

/** What the kernel has counted for one thread. */
export interface ThreadSample extends Scheduling {
  readonly tid: number
  readonly name: string
  /** CPUs that it may run on. */
  readonly cpus: readonly number[]
  /** The CPU that it ran on last. */
  readonly lastCpu: number
  /** From -20, which gets the most, to 19. Of ordinary policies only. */
  readonly nice: number
  /** It runs, or waits for a CPU. */
  readonly isRunnable: boolean
  readonly cpuTimeMs: number
  /** Time that it was ready to run and waited for a CPU. */
  readonly runQueueWaitMs: number
  readonly voluntarySwitches: number
  readonly involuntarySwitches: number
}

export interface PinResult {
  /** The CPUs in force now, whatever was asked for. */
  readonly cpus: readonly number[]
  /** Why they are not the ones that were asked for. */
  readonly reason?: string
}

/** The calling thread, worker or main. */
export function currentTid(): number | undefined {
  if (process.platform !== "linux") return undefined
  try {
    // Reads "<pid>/task/<tid>". The call is made on the calling thread, so it is this thread's own link.
    return Number(fs.readlinkSync("/proc/thread-self").split("/")[2])
  } catch {
    return undefined
  }
}

export function listTids(): number[] {
  try {
    return fs.readdirSync(TASKS).map(Number)
  } catch {
    return []
  }
}

/** Names a thread as top -H and perf show it; 15 bytes are kept. False when it is gone or cannot be named. */
export function setThreadName(tid: number, name: string): boolean {
  try {
    fs.writeFileSync(`${TASKS}/${tid}/comm`, name)
    return true
  } catch {
    return false
  }
}

/** Undefined when the thread is gone. */
export function readThread(tid: number): ThreadSample | undefined {
  try {
    return readThreadFiles(tid)
  } catch {
    return undefined
  }
}

/** CPUs that the kernel will run the thread on, or undefined when it is gone. */
export function readAffinity(tid: number): number[] | undefined {
  if (process.platform !== "linux") return undefined
  const mask = new Uint8Array(MASK_BYTES)
  if (scheduler().getaffinity(tid, MASK_BYTES, mask) === 0) return cpusOf(mask)
  return allowedCpus(`${TASKS}/${tid}/status`)
}

/**
 * Binds a thread to CPUs, and reads back what came of it: the kernel silently leaves out CPUs that are absent or that
 * a container forbids.
 */
export function pinThread(tid: number, cpus: readonly number[]): PinResult {
  if (process.platform !== "linux") return { cpus: [], reason: `threads cannot be pinned on ${process.platform}` }
  const failure = setAffinity(tid, cpus)
  const inForce = readAffinity(tid)
  if (inForce === undefined) return { cpus: [], reason: `thread ${tid} is gone` }
  if (failure !== undefined) return { cpus: inForce, reason: failure }
  const missing = cpus.filter((cpu) => !inForce.includes(cpu))
  if (missing.length === 0) return { cpus: inForce }
  return { cpus: inForce, reason: `CPU ${formatCpuList(missing)} is absent or not allowed here, and was left out` }
}

const TASKS = "/proc/self/task"
// Room for 8,192 CPUs, which is the most that Linux can be built for.
const MASK_BYTES = 1024
const MS_PER_CLOCK_TICK = 10
const NS_PER_MS = 1_000_000

interface Scheduler {
  setaffinity(tid: number, bytes: number, mask: Uint8Array): number
  getaffinity(tid: number, bytes: number, mask: Uint8Array): number
}

let boundScheduler: Scheduler | undefined

/** libc as Node itself has loaded it, so glibc and musl alike. Bound at the first use. */
function scheduler(): Scheduler {
  if (boundScheduler === undefined) {
    const libc = koffi.load(null)
    boundScheduler = {
      setaffinity: libc.func("sched_setaffinity", "int", ["int", "size_t", "void *"]),
      getaffinity: libc.func("sched_getaffinity", "int", ["int", "size_t", "_Out_ uint8_t *"]),
    }
  }
  return boundScheduler
}

/** Returns why it could not be done. */
function setAffinity(tid: number, cpus: readonly number[]): string | undefined {
  if (cpus.length === 0) return "no CPU was named"
  const mask = new Uint8Array(MASK_BYTES)
  for (const cpu of cpus) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= MASK_BYTES * 8) return `${cpu} is not the number of a CPU`
    mask[cpu >> 3] |= 1 << (cpu & 7)
  }
  if (scheduler().setaffinity(tid, MASK_BYTES, mask) === 0) return undefined
  switch (koffi.errno()) {
    case koffi.os.errno.EINVAL:
      return `none of the CPUs ${formatCpuList(cpus)} is present and allowed here`
    case koffi.os.errno.EPERM:
      return `binding thread ${tid} needs the capability CAP_SYS_NICE`
    case koffi.os.errno.ESRCH:
      return `thread ${tid} is gone`
    default:
      return `the kernel refused to bind thread ${tid} (errno ${koffi.errno()})`
  }
}

function cpusOf(mask: Uint8Array): number[] {
  const cpus: number[] = []
  for (let cpu = 0; cpu < mask.length * 8; cpu++) if (mask[cpu >> 3] & (1 << (cpu & 7))) cpus.push(cpu)
  return cpus
}

function readThreadFiles(tid: number): ThreadSample {
  const folder = `${TASKS}/${tid}`
  const status = fs.readFileSync(`${folder}/status`, "utf8")
  const stat = fs.readFileSync(`${folder}/stat`, "utf8")
  // The name stands in brackets and may hold any character, so fields are counted from the last bracket: field 3 of
  // proc(5) is fields[0].
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  const [onCpuNs, waitedNs] = readSchedule(folder)
  return {
    tid,
    name: stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")")),
    cpus: allowedCpus(`${folder}/status`) ?? [],
    lastCpu: Number(fields[36]),
    policy: policyOf(Number(fields[38])),
    priority: Number(fields[37]),
    nice: Number(fields[16]),
    isRunnable: fields[0] === "R",
    cpuTimeMs: onCpuNs > 0 ? onCpuNs / NS_PER_MS : (Number(fields[11]) + Number(fields[12])) * MS_PER_CLOCK_TICK,
    runQueueWaitMs: waitedNs / NS_PER_MS,
    voluntarySwitches: statusNumber(status, "voluntary_ctxt_switches"),
    involuntarySwitches: statusNumber(status, "nonvoluntary_ctxt_switches"),
  }
}

/** Time on a CPU and time waited for one, in nanoseconds; zeros on a kernel that is built without it. */
function readSchedule(folder: string): [onCpuNs: number, waitedNs: number] {
  try {
    const [onCpuNs, waitedNs] = fs.readFileSync(`${folder}/schedstat`, "utf8").split(" ").map(Number)
    return [onCpuNs, waitedNs]
  } catch {
    return [0, 0]
  }
}

function statusNumber(status: string, key: string): number {
  return Number(new RegExp(`^${key}:\\s*(\\d+)$`, "m").exec(status)?.[1] ?? 0)
}
