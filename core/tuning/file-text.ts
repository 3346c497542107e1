import { formatCpuList, parseCpuList } from "../os/cpus.js"
import type { FileForm, FileState, Machine } from "./tunable.js"

// What a file of the kernel says, as a value: tabs are spaces, and of a choice the word in force.

/** Throws an error of the system. */
export function readFileState(machine: Pick<Machine, "read">, path: string, form: FileForm): FileState {
  return { path, form, text: canonical(form, machine.read(path)) }
}

/** One text for one meaning. */
export function canonical(form: FileForm, text: string): string {
  const words = text.trim().replaceAll(/\s+/g, " ")
  switch (form) {
    case "choice":
      return /\[(.+?)\]/.exec(words)?.[1] ?? words
    case "cpu list":
      return formatCpuList(parseCpuList(words))
    case "cpu mask":
      return formatMask(parseMask(words))
    default:
      return words
  }
}

export function isSameText({ form, text }: FileState, other: string): boolean {
  return canonical(form, text) === canonical(form, other)
}

/** Files as one value for people: "performance" where all agree, else each with the CPUs that have it. */
export function showFiles(files: readonly FileState[]): string | number {
  const groups = new Map<string, string[]>()
  for (const { path, text } of files) groups.set(text, [...(groups.get(text) ?? []), path])
  const parts = [...groups].map(([text, paths]) => (groups.size === 1 ? text : `${text} (${ownersOf(paths)})`))
  return numberOr(parts.join(", "))
}

function numberOr(text: string): string | number {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

/** "ff,00000001" to its bits. What is no mask has none. */
function parseMask(text: string): bigint {
  const digits = text.trim().split(",")
  if (!digits.every((word) => /^[0-9a-f]{1,8}$/i.test(word))) return 0n
  return BigInt(`0x${digits.map((word) => word.padStart(8, "0")).join("")}`)
}

/** In groups of 32 bits, as the kernel takes it. */
function formatMask(mask: bigint): string {
  const digits = mask.toString(16)
  const padded = digits.padStart(Math.ceil(digits.length / 8) * 8, "0")
  return padded
    .match(/.{8}/g)!
    .join(",")
    .replace(/^0+(?=[0-9a-f])/, "")
}

function ownersOf(paths: readonly string[]): string {
  const cpus = paths.flatMap((path) => /\/cpu(\d+)\//.exec(path)?.[1] ?? [])
  return cpus.length === paths.length ? `CPU ${formatCpuList(cpus.map(Number))}` : paths.join(" ")
}
