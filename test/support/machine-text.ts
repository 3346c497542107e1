import { describeCpus, formatCpuList } from "veloz"
import { readCpuTopology } from "../../core/os/cpus.js"
import { currentTid, pinThread } from "../../core/os/threads.js"

/** From now on this process may use two CPUs, so that what is said of threads is the same on every machine. */
export function useTwoCpus(): void {
  const tid = currentTid()
  const cpus = readCpuTopology().usable.slice(0, 2)
  if (tid !== undefined) pinThread(tid, cpus)
}

/** A text without the numbers of the CPUs that this machine has. */
export function withoutMachine(text: string): string {
  const cpus = readCpuTopology()
  const lines = describeCpus(cpus).map((line) => `  ${line}`)
  return text
    .replaceAll(lines.join("\n"), "  <the CPUs of this machine>")
    .replaceAll(`may run on CPU ${formatCpuList(cpus.permitted)} alone`, "may run on CPU <those of this machine> alone")
}
