import fs from "node:fs"
import os from "node:os"

/** The CPUs of this machine as this process may use them. Read it before anything is pinned. */
export interface CpuTopology {
  /** CPUs that the system runs. */
  readonly online: readonly number[]
  /** CPUs that this process may run on: its affinity mask, within what is online. */
  readonly usable: readonly number[]
  /** Threads of one physical core, one list a core, usable CPUs only. Empty when the system does not tell. */
  readonly cores: readonly (readonly number[])[]
  /** CPUs' worth of time that a container may spend, or undefined when it is not limited. */
  readonly quota: number | undefined
  /** Why this is a guess, where it is one. */
  readonly reason?: string
}

export interface CpuSources {
  readonly platform: string
  /** Folder that stands for "/", so that a test can bring its own machine. */
  readonly root: string
}

const THIS_MACHINE: CpuSources = { platform: process.platform, root: "" }

export function readCpuTopology({ platform, root }: CpuSources = THIS_MACHINE): CpuTopology {
  if (platform !== "linux") return guessTopology(`${platform} does not tell which CPUs a process may use`)
  const allowed = allowedCpus(`${root}/proc/self/status`)
  const online = parseCpuList(readText(`${root}/sys/devices/system/cpu/online`) ?? "")
  if (allowed === undefined) return guessTopology("/proc/self/status does not list the allowed CPUs")
  const usable = online.length === 0 ? allowed : allowed.filter((cpu) => online.includes(cpu))
  return {
    online: online.length === 0 ? allowed : online,
    usable,
    cores: readCores(root, usable),
    quota: readQuota(root),
  }
}

/** "0-2,8" to [0, 1, 2, 8]. What is not a list of CPUs gives an empty one. */
export function parseCpuList(text: string): number[] {
  const cpus = new Set<number>()
  for (const part of text.trim().split(",")) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (range === null) continue
    const last = Number(range[2] ?? range[1])
    for (let cpu = Number(range[1]); cpu <= last; cpu++) cpus.add(cpu)
  }
  return [...cpus].sort((a, b) => a - b)
}

/** [0, 1, 2, 8] to "0-2,8". */
export function formatCpuList(cpus: readonly number[]): string {
  const sorted = [...new Set(cpus)].sort((a, b) => a - b)
  const ranges: string[] = []
  for (let first = 0, next = 0; first < sorted.length; first = next) {
    next = first + 1
    while (next < sorted.length && sorted[next] === sorted[next - 1] + 1) next++
    ranges.push(next - first === 1 ? `${sorted[first]}` : `${sorted[first]}-${sorted[next - 1]}`)
  }
  return ranges.join(",")
}

/** The CPUs of the line "Cpus_allowed_list:" of a status file of /proc. */
export function allowedCpus(statusFile: string): number[] | undefined {
  const line = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readText(statusFile) ?? "")
  return line === null ? undefined : parseCpuList(line[1])
}

function guessTopology(reason: string): CpuTopology {
  const online = Array.from({ length: os.availableParallelism() }, (_, cpu) => cpu)
  return { online, usable: online, cores: [], quota: undefined, reason }
}

function readCores(root: string, usable: readonly number[]): number[][] {
  const cores = new Map<string, number[]>()
  for (const cpu of usable) {
    const siblings = readText(`${root}/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`)?.trim()
    if (siblings === undefined) return []
    cores.set(siblings, [...(cores.get(siblings) ?? []), cpu])
  }
  return [...cores.values()]
}

/** What cgroup v2, then v1, says from within a container. */
function readQuota(root: string): number | undefined {
  const [quotaUs, periodUs] = (readText(`${root}/sys/fs/cgroup/cpu.max`) ?? "").trim().split(" ")
  if (Number(quotaUs) > 0 && Number(periodUs) > 0) return Number(quotaUs) / Number(periodUs)
  const oldQuotaUs = Number(readText(`${root}/sys/fs/cgroup/cpu/cpu.cfs_quota_us`))
  const oldPeriodUs = Number(readText(`${root}/sys/fs/cgroup/cpu/cpu.cfs_period_us`))
  return oldQuotaUs > 0 && oldPeriodUs > 0 ? oldQuotaUs / oldPeriodUs : undefined
}

function readText(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}
