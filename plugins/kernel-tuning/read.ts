import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { formatCpuList } from "veloz"
import type { Tunable } from "./catalogue.js"

export interface KernelValue {
  readonly id: string
  readonly scope: Tunable["scope"]
  /** Null: the kernel does not tell one, and `note` says why. */
  readonly value: string | number | null
  readonly unit?: string
  readonly meaning: string
  readonly low_latency?: Tunable["lowLatency"]
  readonly note?: string
}

/** What is in force now. `root` stands for "/", so that a test can bring its own machine. */
export function readKernelValue(tunable: Tunable, root = "/"): KernelValue {
  const { id, scope, unit, meaning, lowLatency, note } = tunable
  const { value, missing } = read(tunable, path.join(root, tunable.path))
  const remark = missing ?? note
  return {
    id,
    scope,
    value,
    ...(unit === undefined ? {} : { unit }),
    meaning,
    ...(lowLatency === undefined ? {} : { low_latency: lowLatency }),
    ...(remark === undefined ? {} : { note: remark }),
  }
}

interface Found {
  readonly value: string | number | null
  /** Why there is no value. */
  readonly missing?: string
}

function read({ id, form, path: place }: Tunable, file: string): Found {
  try {
    if (form === "per-cpu") return perCpu(file)
    const text = readFileSync(file, "utf8").trim()
    if (form === "argument") return argument(id, text)
    return { value: form === "choice" ? chosen(text) : numberOr(text.replaceAll(/\s+/g, " ")) }
  } catch (error) {
    return unavailable(error as NodeJS.ErrnoException, place)
  }
}

/** The word in brackets. A kernel without a choice names none. */
function chosen(text: string): string {
  return /\[(.+?)\]/.exec(text)?.[1] ?? text
}

function numberOr(text: string): string | number {
  return /^-?\d+$/.test(text) ? Number(text) : text
}

/** The argument as it was given. What stands behind "--" is for the first process, and "-" in a name is "_". */
function argument(name: string, commandLine: string): Found {
  const [forKernel] = ` ${commandLine} `.split(" -- ")
  const words = forKernel.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  const given = words.filter((word) => word.split("=")[0].replaceAll("-", "_") === name)
  return given.length === 0
    ? { value: null, missing: "not given when this machine was started" }
    : { value: given.join(" ") }
}

/** One word where all CPUs agree, else each with its CPUs. One that is offline has no file. */
function perCpu(pattern: string): Found {
  const [folder, file] = pattern.split("cpu*")
  const cpusOf = new Map<string, number[]>()
  for (const name of readdirSync(folder).filter((entry) => /^cpu\d+$/.test(entry))) {
    const place = path.join(folder, name, file)
    if (!existsSync(place)) continue
    const value = readFileSync(place, "utf8").trim()
    cpusOf.set(value, [...(cpusOf.get(value) ?? []), Number(name.slice("cpu".length))])
  }
  const values = [...cpusOf]
  if (values.length === 0) throw Object.assign(new Error("no CPU has the file"), { code: "ENOENT" })
  const parts = values.map(([value, cpus]) => (values.length === 1 ? value : `${value} (CPU ${formatCpuList(cpus)})`))
  return { value: parts.join(", ") }
}

function unavailable({ code, message }: NodeJS.ErrnoException, place: string): Found {
  const reasons: Record<string, string> = {
    ENOENT: "is not there: this kernel, this virtual machine or this network namespace has none",
    EACCES: "may not be read by this user",
    EPERM: "may not be read by this user",
  }
  return { value: null, missing: `unavailable: /${place} ${reasons[code ?? ""] ?? `cannot be read: ${message}`}` }
}
