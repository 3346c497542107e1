import { type FileState, kernelFiles, type Machine, parseCpuList, readPattern, type Tunable } from "veloz"

const ON_CPU =
  "Which CPUs handle these interrupts. Away from the cores of hot threads they interrupt nobody; near to them the caches are warm."

/**
 * The CPUs of some interrupts: those of a number, of a network interface, or of a name as /proc/interrupts has it, in which
 * asterisks stand for anything.
 */
export function irqAffinity(name: string): Tunable {
  return {
    id: `irq.${name}`,
    scope: "host",
    undo: "journal",
    needs: "root",
    meaning: ON_CPU,
    state: {
      read: (machine) => {
        const numbers = irqsOf(name, machine)
        if (numbers.length === 0)
          throw Object.assign(new Error("no such interrupt"), { code: "ENOENT", path: `/proc/irq/${name}` })
        return numbers.flatMap((number) => readPattern(machine, affinityFile(number), "cpu list"))
      },
      goals: (wish, found) => found.map((file) => ({ ...file, text: String(wish) })),
      verify: (goals, machine) => {
        const waiting = goals.filter((goal) => !isEffective(goal, machine))
        if (waiting.length === 0) return undefined
        const numbers = waiting.map(({ path }) => path.split("/")[3])
        return `interrupt ${numbers.join(", ")} moves when it comes next: effective_affinity_list tells`
      },
    },
  }
}

/** The CPUs that packets of a network interface are handed to after its interrupt. */
export function packetSteering(device: string): Tunable {
  return {
    id: `rps.${device}`,
    scope: "host",
    undo: "journal",
    needs: "root",
    meaning:
      "Which CPUs take over the packets of this network interface after its interrupt (RPS); none is the CPU of the interrupt.",
    state: {
      ...kernelFiles(`/sys/class/net/${device}/queues/rx-*/rps_cpus`, "cpu mask"),
      goals: (wish, found) => found.map((file) => ({ ...file, text: maskOf(String(wish)) })),
    },
  }
}

/** Network interfaces with a card behind, as people name them. */
export function networkCards(machine: Machine): string[] {
  return machine.find("/sys/class/net/*/device").map((path) => path.split("/")[4])
}

const affinityFile = (number: string): string => `/proc/irq/${number}/smp_affinity_list`

function irqsOf(name: string, machine: Machine): string[] {
  if (/^\d+$/.test(name)) return [name]
  // A virtual card is the child of the one that interrupts.
  const folders = [`/sys/class/net/${name}/device/msi_irqs/*`, `/sys/class/net/${name}/device/../msi_irqs/*`]
  const ofCard = folders.flatMap((pattern) => machine.find(pattern)).map((path) => path.split("/").at(-1)!)
  return ofCard.length > 0 ? ofCard : irqsLike(name, machine)
}

/** Lines are "38:  0  2002  PCI-MSIX-0000:00:03.0  1-edge  virtio2-input.0". */
function irqsLike(pattern: string, machine: Machine): string[] {
  const words = pattern.split("*").map((word) => word.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
  const like = new RegExp(`\\s${words.join("\\S*")}$`)
  const lines = machine.read("/proc/interrupts").split("\n")
  return lines.filter((line) => like.test(line.trim())).flatMap((line) => /^\s*(\d+):/.exec(line)?.[1] ?? [])
}

/** The kernel moves an interrupt when it comes: until then what was written reads back, and means nothing yet. */
function isEffective({ path, text }: FileState, machine: Machine): boolean {
  try {
    const effective = parseCpuList(machine.read(path.replace("smp_affinity_list", "effective_affinity_list")))
    const wished = parseCpuList(text)
    return effective.every((cpu) => wished.includes(cpu))
  } catch {
    return true
  }
}

function maskOf(cpus: string): string {
  return parseCpuList(cpus)
    .reduce((mask, cpu) => mask | (1n << BigInt(cpu)), 0n)
    .toString(16)
}
