import { type CpuTopology, formatCpuList } from "./cpus.js"

/** A topology for people: a line a fact, and what the system does not tell is left out. */
export function describeCpus(topology: CpuTopology): string[] {
  const { online, usable, permitted, cores, caches, nodes, isolated, quota, reason } = topology
  const lines = [
    `online      ${formatCpuList(online)}`,
    `permitted   ${formatCpuList(permitted)}`,
    `started on  ${formatCpuList(usable)}`,
  ]
  if (cores.length > 0) lines.push(`cores       ${groupsOf(cores)}`)
  if (caches.length > 0) lines.push(`caches      ${groupsOf(caches)}`)
  if (nodes.length > 0)
    lines.push(`nodes       ${nodes.map(({ node, cpus }) => `${node}: ${formatCpuList(cpus)}`).join(" | ")}`)
  if (isolated.length > 0) lines.push(`isolated    ${formatCpuList(isolated)}`)
  if (quota !== undefined) lines.push(`quota       ${quota} CPUs of time`)
  if (reason !== undefined) lines.push(`a guess: ${reason}`)
  return lines
}

function groupsOf(groups: readonly (readonly number[])[]): string {
  return groups.map(formatCpuList).join(" | ")
}
