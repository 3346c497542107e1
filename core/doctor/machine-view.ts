import os from "node:os"
import { type CpuTopology, readCpuTopology } from "../os/cpus.js"
import { readFileIfAny } from "../os/read-file.js"
import { openMachine } from "../tuning/machine.js"
import type { Privilege } from "../tuning/tunable.js"

/** What of the machine decides what tuning can do. */
export interface MachineView {
  readonly platform: string
  readonly cpus: CpuTopology
  readonly privileges: readonly Privilege[]
  /** Words of the kernel's command line. */
  readonly bootArguments: readonly string[]
  readonly isVirtual: boolean
  readonly hasFrequencyControl: boolean
  /** Programs that want a CPU, on average over the last minute. */
  readonly load: number
  readonly memory: { readonly totalMb: number; readonly availableMb: number; readonly swapUsedMb: number }
  readonly noise: Noise
}

/** What takes the processor from a loop that does nothing but look at the clock. */
export interface Noise {
  readonly seconds: number
  /** Share of the time that went by in gaps of more than 20 us. */
  readonly lostPct: number
  readonly longestGapUs: number
  /** Share of the time that the host gave to other machines; null when it is not told. */
  readonly stolenPct: number | null
}

const WANTED: readonly Privilege[] = ["CAP_SYS_NICE", "CAP_NET_ADMIN", "CAP_IPC_LOCK", "CAP_SYS_ADMIN"]

export function readMachineView(noiseMs: number): MachineView {
  const machine = openMachine()
  return {
    platform: process.platform,
    cpus: readCpuTopology(),
    privileges: WANTED.filter((privilege) => machine.has(privilege)),
    bootArguments: (readFileIfAny("/proc/cmdline") ?? "").split(/\s+/).filter(Boolean),
    isVirtual: /^flags\s*:.*\bhypervisor\b/m.test(readFileIfAny("/proc/cpuinfo") ?? ""),
    hasFrequencyControl: machine.find("/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor").length > 0,
    load: os.loadavg()[0],
    memory: readMemory(),
    noise: listen(noiseMs),
  }
}

const GAP_NS = 20_000

function listen(durationMs: number): Noise {
  const before = readSteal()
  const start = process.hrtime.bigint()
  const end = start + BigInt(Math.round(durationMs * 1e6))
  let lostNs = 0
  let longestNs = 0
  for (let last = start; last < end; ) {
    const now = process.hrtime.bigint()
    const gapNs = Number(now - last)
    if (gapNs > GAP_NS) lostNs += gapNs
    if (gapNs > longestNs) longestNs = gapNs
    last = now
  }
  const after = readSteal()
  return {
    seconds: durationMs / 1000,
    lostPct: rounded((lostNs / (durationMs * 1e6)) * 100),
    longestGapUs: rounded(longestNs / 1000),
    stolenPct:
      before && after ? rounded(((after.steal - before.steal) / Math.max(1, after.all - before.all)) * 100) : null,
  }
}

/** Ticks of all CPUs since the start: | user nice system idle iowait irq softirq steal |. */
function readSteal(): { steal: number; all: number } | undefined {
  const words = /^cpu\s+(.+)$/m
    .exec(readFileIfAny("/proc/stat") ?? "")?.[1]
    .split(/\s+/)
    .map(Number)
    .slice(0, 8)
  if (words === undefined || words.length < 8) return undefined
  return { steal: words[7], all: words.reduce((sum, ticks) => sum + ticks, 0) }
}

function readMemory(): MachineView["memory"] {
  const text = readFileIfAny("/proc/meminfo") ?? ""
  const mb = (name: string): number =>
    Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0) / 1024)
  return { totalMb: mb("MemTotal"), availableMb: mb("MemAvailable"), swapUsedMb: mb("SwapTotal") - mb("SwapFree") }
}

const rounded = (value: number): number => Math.round(value * 10) / 10
