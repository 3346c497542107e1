import fs from "node:fs"
import os from "node:os"
import { readFileIfAny } from "./read-file.js"

/** The CPUs of this machine as this process may use them. Read it before anything is pinned. */
export interface CpuTopology {
  /** CPUs that the system runs. */
  readonly online: readonly number[]
  /** CPUs that this process may run on: its affinity mask, within what is online. */
  readonly usable: readonly number[]
  /** CPUs that a container or a cpuset permits, isolated ones among them: what a thread can be bound to. */
  readonly permitted: readonly number[]
  /** Threads of one physical core, one list a core. Empty when the system does not tell, like the two that follow. */
  readonly cores: readonly (readonly number[])[]
  /** CPUs that share the last cache before memory, one list a cache. */
  readonly caches: readonly (readonly number[])[]
  /** CPUs by the memory that is near to them. */
  readonly nodes: readonly { readonly node: number; readonly cpus: readonly number[] }[]
  /** CPUs that the scheduler leaves to threads that are bound to them (isolcpus). */
  readonly isolated: readonly number[]
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
  if (allowed === undefined) return guessTopology("/proc/self/status does not list the allowed CPUs")
  const listed = readCpuList(`${root}${CPUS}/online`)
  const online = listed.length === 0 ? allowed : listed
  const cpuset = readCpuset(root)
  return {
    online,
    usable: allowed.filter((cpu) => online.includes(cpu)),
    permitted: online.filter((cpu) => cpuset?.includes(cpu) ?? true),
    cores: groupCpus(online, (cpu) => readFileIfAny(`${root}${CPUS}/cpu${cpu}/topology/thread_siblings_list`)),
    caches: groupCpus(online, (cpu) => readLastCache(`${root}${CPUS}/cpu${cpu}/cache`)),
    nodes: readNodes(`${root}${NODES}`),
    isolated: readCpuList(`${root}${CPUS}/isolated`),
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
  const line = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileIfAny(statusFile) ?? "")
  return line === null ? undefined : parseCpuList(line[1])
}

const CPUS = "/sys/devices/system/cpu"
const NODES = "/sys/devices/system/node"

function guessTopology(reason: string): CpuTopology {
  const online = Array.from({ length: os.availableParallelism() }, (_, cpu) => cpu)
  const unknown = { cores: [], caches: [], nodes: [], isolated: [], quota: undefined }
  return { online, usable: online, permitted: online, ...unknown, reason }
}

/** CPUs of which the same text is told. None when it is not told of each. */
function groupCpus(cpus: readonly number[], tell: (cpu: number) => string | undefined): number[][] {
  const groups = new Map<string, number[]>()
  for (const cpu of cpus) {
    const text = tell(cpu)?.trim()
    if (text === undefined) return []
    groups.set(text, [...(groups.get(text) ?? []), cpu])
  }
  return [...groups.values()]
}

/** Which CPUs share the cache of the highest level. */
function readLastCache(folder: string): string | undefined {
  const caches = readNames(folder).filter((name) => /^index\d+$/.test(name))
  const levels = caches.map((name) => ({ name, level: Number(readFileIfAny(`${folder}/${name}/level`)) }))
  const last = levels.sort((a, b) => b.level - a.level)[0]
  return last === undefined ? undefined : readFileIfAny(`${folder}/${last.name}/shared_cpu_list`)
}

function readNodes(folder: string): CpuTopology["nodes"] {
  return readNames(folder)
    .flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? [])
    .map((node) => ({ node: Number(node), cpus: readCpuList(`${folder}/node${node}/cpulist`) }))
    .sort((a, b) => a.node - b.node)
}

/** What the cpuset of this process permits, of cgroup v1 or v2. Undefined when there is none, or it is not told. */
function readCpuset(root: string): number[] | undefined {
  const groups = (readFileIfAny(`${root}/proc/self/cgroup`) ?? "").split("\n").map((line) => line.split(":"))
  const v1 = groups.find(([, controllers]) => controllers?.split(",").includes("cpuset"))
  if (v1 !== undefined) return readNearest(`${root}/sys/fs/cgroup/cpuset`, v1[2], "cpuset.effective_cpus")
  const v2 = groups.find(([, controllers]) => controllers === "")
  return v2 && readNearest(`${root}/sys/fs/cgroup`, v2[2], "cpuset.cpus.effective")
}

/** The file of the group, or of the nearest one above it that has one. */
function readNearest(top: string, path: string, file: string): number[] | undefined {
  const folders = path.split("/").filter((name) => name !== "")
  for (let depth = folders.length; depth >= 0; depth--) {
    const cpus = readCpuList([top, ...folders.slice(0, depth), file].join("/"))
    if (cpus.length > 0) return cpus
  }
  return undefined
}

/** What cgroup v2, then v1, says from within a container. */
function readQuota(root: string): number | undefined {
  const [quotaUs, periodUs] = (readFileIfAny(`${root}/sys/fs/cgroup/cpu.max`) ?? "").trim().split(" ")
  if (Number(quotaUs) > 0 && Number(periodUs) > 0) return Number(quotaUs) / Number(periodUs)
  const oldQuotaUs = Number(readFileIfAny(`${root}/sys/fs/cgroup/cpu/cpu.cfs_quota_us`))
  const oldPeriodUs = Number(readFileIfAny(`${root}/sys/fs/cgroup/cpu/cpu.cfs_period_us`))
  return oldQuotaUs > 0 && oldPeriodUs > 0 ? oldQuotaUs / oldPeriodUs : undefined
}

function readCpuList(file: string): number[] {
  return parseCpuList(readFileIfAny(file) ?? "")
}

function readNames(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}
