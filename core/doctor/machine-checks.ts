import { formatCpuList } from "../os/cpus.js"
import type { Check } from "./finding.js"
import type { MachineView } from "./machine-view.js"

// What of the machine decides what tuning can do, and what it cannot.

/** Beyond this the p99 of anything that takes 10 us is the machine's and not the engine's. */
const NOISY_PCT = 1
const STOLEN_PCT = 1
const SHORT_MEMORY = 0.1

export const MACHINE_CHECKS: readonly Check<MachineView>[] = [
  ({ platform }) => {
    if (platform === "linux") return undefined
    const means = "sockets keep their tuning through Node; threads, memory and the kernel cannot be tuned here"
    return { id: "platform", kind: "note", seen: `this is ${platform}`, means, mend: null }
  },
  ({ noise }) => {
    if (noise.lostPct < NOISY_PCT) return undefined
    return {
      id: "noise-floor",
      kind: "problem",
      seen: `a loop that does nothing lost ${noise.lostPct} % of ${noise.seconds} s, ${noise.longestGapUs} us at once`,
      means: "percentiles above p90 measure whoever else runs here; no setting of the engine makes them better",
      mend: "end what else runs, or give the engine cores of its own (isolcpus, cpusets); measure again",
    }
  },
  ({ noise: { stolenPct, seconds } }) => {
    if (stolenPct === null || stolenPct < STOLEN_PCT) return undefined
    return {
      id: "stolen-time",
      kind: "problem",
      seen: `the host gave ${stolenPct} % of ${seconds} s to other machines`,
      means: "a virtual processor that is put aside does nothing for that long: tuning cannot mend it",
      mend: "ask for dedicated processors",
    }
  },
  ({ cpus, load }) => {
    if (load <= cpus.usable.length) return undefined
    return {
      id: "overloaded",
      kind: "problem",
      seen: `${load.toFixed(1)} programs want ${cpus.usable.length} CPUs (average over a minute)`,
      means: "threads wait for a processor, which shows as run_queue_wait_ms in GET /api/metrics/threads",
      mend: "end what else runs, before anything is tuned or measured",
    }
  },
  ({ cpus }) => {
    if (cpus.quota === undefined) return undefined
    return {
      id: "cpu-quota",
      kind: "problem",
      seen: `this container may use ${cpus.quota} CPUs' worth of time`,
      means: "when it is spent, every thread stops for the rest of the period (some 100 ms)",
      mend: "take the quota (cpu.max) away, and limit by cpuset instead",
    }
  },
  ({ cpus }) => {
    if (cpus.permitted.length === cpus.online.length) return undefined
    const seen = `a cpuset permits the CPUs ${formatCpuList(cpus.permitted)} of ${formatCpuList(cpus.online)}`
    const means = "lists of plugins.cpu-affinity that name others are refused, or fitted with cpu-affinity.fit"
    return { id: "cpuset", kind: "note", seen, means, mend: null }
  },
  ({ cpus, bootArguments }) => {
    if (cpus.isolated.length > 0) {
      const seen = `the CPUs ${formatCpuList(cpus.isolated)} are isolated`
      const means = "only threads that are bound to them run there: name them in the lists of plugins.cpu-affinity"
      return {
        id: "isolated-cores",
        kind: "note",
        seen,
        means,
        mend: "plugins.cpu-affinity.engine_thread_cores and its like",
      }
    }
    if (cpus.online.length < 4 || bootArguments.some((word) => word.startsWith("isolcpus="))) return undefined
    return {
      id: "no-isolated-cores",
      kind: "note",
      seen: "no CPU is isolated",
      means: "other programs may be scheduled on the cores of the engine; pinning does not keep them away",
      mend: "isolcpus=, nohz_full= and rcu_nocbs= on the kernel's command line (veloz tune explain isolcpus)",
    }
  },
  ({ privileges, platform }) => {
    const missing = ["CAP_SYS_NICE", "CAP_NET_ADMIN", "CAP_IPC_LOCK"].filter(
      (name) => !privileges.includes(name as never),
    )
    if (platform !== "linux" || missing.length === 0) return undefined
    return {
      id: "capabilities",
      kind: "note",
      seen: `this process has not ${missing.join(", ")}`,
      means: "real-time priority, values of the kernel or locked memory that need them are refused, each by name",
      mend: "start as root, or give node the capability (setcap, AmbientCapabilities= of systemd, --cap-add of a container)",
    }
  },
  ({ hasFrequencyControl, isVirtual, platform }) => {
    if (hasFrequencyControl || platform !== "linux") return undefined
    const where = isVirtual ? "this is a virtual machine: the host sets them" : "this kernel has no driver for them"
    const means = "cpu.scaling_governor and sleep states are unavailable here"
    return { id: "no-frequency-control", kind: "note", seen: `no CPU shows its frequency; ${where}`, means, mend: null }
  },
  ({ memory }) => {
    const isShort = memory.totalMb > 0 && memory.availableMb < memory.totalMb * SHORT_MEMORY
    if (!isShort && memory.swapUsedMb === 0) return undefined
    return {
      id: "memory-pressure",
      kind: "problem",
      seen: `${memory.availableMb} of ${memory.totalMb} MiB are free, ${memory.swapUsedMb} MiB are swapped out`,
      means: "a page of the engine that has to be read back stops a thread for milliseconds",
      mend: "end what takes the memory; plugins.memory-pools.lock_memory keeps the pools, vm.swappiness 10 the rest",
    }
  },
]
