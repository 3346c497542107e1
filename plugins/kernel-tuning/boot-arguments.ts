import type { PresetValue, Tunable } from "veloz"

const COMMAND_LINE = "/proc/cmdline"

/** What a machine was started with: told, and never set. It takes the boot loader and a restart to change it. */
export const BOOT_ARGUMENTS: readonly Tunable[] = [
  argument("isolcpus", "CPUs that only threads run on that are bound to them.", {
    value: "isolcpus=<cores of the engine>",
    reason: "No other program is scheduled there.",
  }),
  argument("nohz_full", "CPUs without a periodic tick while a single thread runs there.", {
    value: "nohz_full=<the same>",
    reason: "Up to 1,000 interruptions a second less.",
  }),
  argument("rcu_nocbs", "CPUs whose deferred work of the kernel (RCU) is done on others.", {
    value: "rcu_nocbs=<the same>",
    reason: "This work comes in bursts.",
  }),
  argument(
    "mitigations",
    "Protection against attacks on the processor, such as Spectre. It makes system calls slower.",
    {
      value: "mitigations=off",
      reason: "System calls are cheaper. Only on a machine on which every program is trusted.",
    },
  ),
]

function argument(id: string, meaning: string, lowLatency: PresetValue): Tunable {
  return {
    id,
    scope: "boot",
    undo: "none",
    meaning,
    presets: { "low-latency": lowLatency },
    state: {
      read: (machine) => {
        const text = given(id, machine.read(COMMAND_LINE))
        return text === undefined ? [] : [{ path: COMMAND_LINE, form: "plain", text }]
      },
      goals: (_wish, found) => found,
    },
  }
}

/** The argument as it was given. What stands behind "--" is for the first process, and "-" in a name is "_". */
function given(name: string, commandLine: string): string | undefined {
  const [forKernel] = ` ${commandLine} `.split(" -- ")
  const words = forKernel.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  const found = words.filter((word) => word.split("=")[0].replaceAll("-", "_") === name)
  return found.length === 0 ? undefined : found.join(" ")
}
