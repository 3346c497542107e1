import {
  type CpuAffinityOptions,
  formatCpuList,
  type Tunable,
  type TunableWish,
  type TuningOffer,
  type TuningToggle,
} from "veloz"
import { LISTS } from "./lists.js"

// What can be tuned of threads. The control part sets it and answers for it.

export const AFFINITY: Tunable = {
  id: "thread.affinity",
  scope: "thread",
  undo: "with the thread",
  meaning: "The CPUs that the threads of hot roles may use; all others of the process are kept off them.",
}

export const SCHEDULER: Tunable = {
  id: "thread.scheduler",
  scope: "thread",
  undo: "with the thread",
  needs: "CAP_SYS_NICE",
  meaning:
    "The scheduling policy of hot threads: fifo and rr go before every ordinary thread on their cores. With guards: a limit of run time, a core for control, helpers raised too, no spinning.",
}

export const WARMER: Tunable = {
  id: "thread.warmer",
  scope: "thread",
  undo: "with the process",
  meaning:
    "A thread on each hot core that burns the time which nobody wants, so that a virtual processor never halts. Costs a core of energy.",
}

export const NICE: Tunable = {
  id: "thread.nice",
  scope: "thread",
  undo: "with the thread",
  needs: "CAP_SYS_NICE",
  meaning: "The weight of hot threads among ordinary ones, from -20 to 19. Nothing with a real-time policy.",
}

export const TIMER_SLACK: Tunable = {
  id: "thread.timer_slack_ns",
  scope: "thread",
  undo: "with the thread",
  unit: "ns",
  meaning:
    "How late the kernel may wake a hot thread from a sleep with a time limit, to wake several at once. A real-time thread has none.",
  presets: { "low-latency": { value: 1, reason: "50 us late is later than most of the path takes." } },
}

export const IO_CLASS: Tunable = {
  id: "thread.io_class",
  scope: "thread",
  undo: "with the thread",
  needs: "CAP_SYS_NICE",
  meaning: "In which order the disk serves hot threads.",
  note: { kind: "placebo", text: "hot threads use no disk, and only the disk schedulers bfq and cfq heed it" },
}

export const DMA_LATENCY: Tunable = {
  id: "cpu_dma_latency_us",
  scope: "host",
  undo: "with the process",
  needs: "root",
  unit: "us",
  meaning:
    "The longest time that processors may take to wake from sleep, as long as the engine runs: held by an open file, gone with the process.",
}

/** What the options want of the threads. */
export function tuning(options: Readonly<CpuAffinityOptions>): TuningOffer {
  const { enabled, scheduler, priority, warm_cores, nice, timer_slack_ns, io_class, dma_latency_us } = options
  const lists = LISTS.filter(([, option]) => options[option].length > 0)
  const places = lists.map(([role, option]) => `${role} ${formatCpuList(options[option])}`).join(", ")
  // With what each option is when nothing is wished for, and when it is and the options do not say how.
  const wishes: [Tunable, TunableWish["wish"], option: keyof CpuAffinityOptions, off: unknown, on?: unknown][] = [
    [AFFINITY, enabled && places !== "" ? places : undefined, "enabled", false, places === "" ? undefined : true],
    [SCHEDULER, scheduler === "other" ? undefined : `${scheduler} ${priority}`, "scheduler", "other", "fifo"],
    [WARMER, warm_cores ? "on" : undefined, "warm_cores", false, true],
    [NICE, nice || undefined, "nice", 0],
    [TIMER_SLACK, scheduler === "other" && timer_slack_ns > 0 ? timer_slack_ns : undefined, "timer_slack_ns", 0, 1],
    [IO_CLASS, io_class === "none" ? undefined : io_class, "io_class", "none"],
    [DMA_LATENCY, dma_latency_us < 0 ? undefined : dma_latency_us, "dma_latency_us", -1, 0],
  ]
  const toggle = (option: keyof CpuAffinityOptions, off: unknown, on: unknown): TuningToggle | undefined => {
    const wished = options[option] === off ? on : options[option]
    if (wished === undefined) return undefined
    const path = `plugins.cpu-affinity.${option}`
    return { request: "/api/config/cpu_affinity", path, off: { [option]: off }, on: { [option]: wished } }
  }
  return {
    wishes: wishes.map(([tunable, wish, option, off, on]) => ({
      tunable,
      wish,
      toggle: toggle(option, off, on),
      ...(wish !== undefined && { origin: `plugins.cpu-affinity.${option}` }),
    })),
  }
}
