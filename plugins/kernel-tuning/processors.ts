import { checkChoice, type FileState, kernelFiles, type Machine, readPattern, type Tunable } from "veloz"

const GOVERNORS = "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor"
const IDLE_SWITCHES = "/sys/devices/system/cpu/cpu*/cpuidle/state*/disable"

/** How processors save power. A virtual machine often has none of these. */
export const GOVERNOR: Tunable = {
  id: "cpu.scaling_governor",
  scope: "host",
  undo: "journal",
  needs: "root",
  meaning: "How the clock of a CPU follows its load.",
  presets: {
    "low-latency": { value: "performance", reason: "The clock does not have to rise first when a message comes." },
    "high-throughput": { value: "performance", reason: "The clock is up before the load is." },
  },
  state: kernelFiles(GOVERNORS, "plain", {
    check: (wish, machine) => {
      const [first] = machine.find("/sys/devices/system/cpu/cpu*/cpufreq/scaling_available_governors")
      return first === undefined ? undefined : checkChoice(first)(wish, machine)
    },
  }),
}

export const IDLE_STATES: Tunable = {
  id: "cpu.idle_exit_latency",
  scope: "host",
  undo: "journal",
  needs: "root",
  unit: "us",
  meaning:
    "How long the deepest sleep (C-state) that a CPU may fall into takes to wake up from; deeper ones are switched off.",
  presets: {
    "low-latency": { value: 1, reason: "Waking from a deep sleep costs 50 us and more, just when a message comes." },
  },
  state: {
    read: (machine) => readPattern(machine, IDLE_SWITCHES, "plain"),
    goals: (wish, found, machine) => {
      return found.map((file) => ({ ...file, text: exitLatency(file, machine) > Number(wish) ? "1" : "0" }))
    },
    check: (wish) => (/^\d{1,6}$/.test(String(wish)) ? undefined : "it must be a whole number of microseconds"),
    show: (files, machine) => {
      const awake = files.filter(({ text }) => text === "0").map((file) => exitLatency(file, machine))
      return Math.max(0, ...awake)
    },
  },
}

function exitLatency({ path }: FileState, machine: Machine): number {
  return Number(machine.read(path.replace(/disable$/, "latency")))
}
