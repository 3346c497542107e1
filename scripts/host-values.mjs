// Values of this machine that tuning changes, so that the test runner can show that tests have changed none. Read without
// any code of the product.

import fs from "node:fs"
import path from "node:path"

/** Asterisks stand for any part of a name. */
const PATTERNS = [
  "/proc/sys/net/core/*",
  "/proc/sys/net/ipv4/tcp_*",
  "/proc/sys/vm/*",
  "/proc/sys/kernel/numa_balancing",
  "/proc/sys/kernel/sched_*",
  "/proc/sys/kernel/timer_migration",
  "/proc/irq/*/smp_affinity_list",
  "/sys/kernel/mm/transparent_hugepage/*",
  "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
  "/sys/devices/system/cpu/cpu*/cpuidle/state*/disable",
  "/sys/class/net/*/queues/*/rps_cpus",
]

/** By path; what cannot be read is left out. `root` stands for "/". */
export function readHostValues(root = "") {
  const values = new Map()
  for (const file of PATTERNS.flatMap((pattern) => filesOf(root, pattern.split("/").slice(1)))) {
    const text = readText(root + file)
    if (text !== undefined) values.set(file, text)
  }
  return values
}

/** A line for each value that is another one. What came or went meanwhile, as a network card, is nobody's change. */
export function changedValues(before, after) {
  return [...before]
    .filter(([file, text]) => after.has(file) && after.get(file) !== text)
    .map(([file, text]) => `${file} was ${JSON.stringify(text)} and is ${JSON.stringify(after.get(file))}`)
}

function filesOf(root, [name, ...rest], folder = "") {
  const like = new RegExp(`^${name.replaceAll("*", ".*")}$`)
  const names = name.includes("*") ? namesOf(root + folder).filter((entry) => like.test(entry)) : [name]
  const paths = names.map((entry) => path.posix.join("/", folder, entry))
  return rest.length === 0 ? paths : paths.flatMap((inner) => filesOf(root, rest, inner))
}

function namesOf(folder) {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, "utf8").trim()
  } catch {
    return undefined
  }
}
