import { readFileState, showFiles } from "./file-text.js"
import type { FileForm, FileState, KernelState, Machine, Tunable, Wish } from "./tunable.js"
import { numbersOf, wishText } from "./wish.js"

/** What is known of a sysctl besides its name. */
export interface SysctlFacts extends Omit<Tunable, "id" | "undo" | "state"> {
  /** Sysctls that the kernel changes along with this one. */
  readonly companions?: readonly string[]
  /** Smallest and largest number of each field. */
  readonly range?: readonly [minimum: number, maximum: number]
  /** How many fields it has: 1 unless said otherwise. */
  readonly fields?: number
  readonly check?: KernelState["check"]
}

/** A sysctl as a tunable: "net.ipv4.tcp_rmem" is the file /proc/sys/net/ipv4/tcp_rmem. */
export function sysctl(id: string, facts: SysctlFacts): Tunable {
  const { companions = [], range, fields, check, ...rest } = facts
  const state = kernelFiles(sysctlPath(id), "plain", {
    companions: companions.map(sysctlPath),
    check: (wish, machine) => checkNumbers(wish, fields, range) ?? check?.(wish, machine),
  })
  return { ...rest, id, undo: "journal", state }
}

/** A sysctl of which nothing is known but its name. */
export function unknownSysctl(id: string): Tunable {
  const isNetwork = id.startsWith("net.")
  return sysctl(id, {
    scope: isNetwork ? "network namespace" : "host",
    needs: isNetwork ? "CAP_NET_ADMIN" : "root",
    meaning: "A sysctl that VeloZ knows nothing of: the documentation of the kernel has its meaning.",
  })
}

/** A dot in the name of a file is a slash in the name of a sysctl: "net.ipv4.conf.eth0/1.rp_filter". */
export function sysctlPath(id: string): string {
  return `/proc/sys/${[...id].map((c) => (c === "." ? "/" : c === "/" ? "." : c)).join("")}`
}

/** The same value in every file of a pattern, whose asterisks stand for any part of a name. */
export function kernelFiles(
  pattern: string,
  form: FileForm,
  more: Pick<KernelState, "check" | "companions" | "verify"> = {},
): KernelState {
  return {
    read: (machine) => readPattern(machine, pattern, form),
    goals: (wish, found) => found.map((file) => ({ ...file, text: wishText(wish, file.text) })),
    show: showFiles,
    ...more,
  }
}

/** The files of a pattern. Throws the error of the system when there is none. */
export function readPattern(machine: Machine, pattern: string, form: FileForm): FileState[] {
  const paths = pattern.includes("*") ? machine.find(pattern) : [pattern]
  if (paths.length === 0) throw Object.assign(new Error("no such file"), { code: "ENOENT", path: pattern })
  return paths.map((path) => readFileState(machine, path, form))
}

/** Of a file that offers a choice, as "always [madvise] never": why a word is not among it. */
export function checkChoice(path: string): NonNullable<KernelState["check"]> {
  return (wish, machine) => {
    const offered = machine.read(path).replaceAll(/[[\]]/g, "").split(/\s+/)
    return offered.includes(String(wish)) ? undefined : `it must be one of ${offered.join(", ")}`
  }
}

function checkNumbers(wish: Wish, fields = 1, range: SysctlFacts["range"] = undefined): string | undefined {
  if (range === undefined) return undefined
  const words = numbersOf(wish)
  const [minimum, maximum] = range
  const what = fields === 1 ? "one whole number" : `${fields} whole numbers with spaces between`
  const isNumber = (word: string): boolean => /^-?\d{1,15}$/.test(word)
  if (words.length !== fields || !words.every(isNumber)) return `it must be ${what}, from ${minimum} to ${maximum}`
  const isWithin = words.every((word) => Number(word) >= minimum && Number(word) <= maximum)
  return isWithin ? undefined : `it must be ${what}, from ${minimum} to ${maximum}`
}
