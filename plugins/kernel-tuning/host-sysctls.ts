import { type SysctlFacts, sysctl, type Tunable } from "veloz"

const LARGEST = 2 ** 31 - 1
const RATIO_AND_BYTES = "A ratio and a number of bytes exclude each other: setting one makes the other 0."

/** What all programs of a machine share. */
export const HOST_SYSCTLS: readonly Tunable[] = [
  network("net.ipv4.tcp_low_latency", {
    range: [0, 1],
    meaning: "Once preferred latency over throughput.",
    note: { kind: "placebo", text: "the kernel has ignored it since 4.14" },
  }),
  network("net.core.rmem_max", {
    unit: "bytes",
    range: [2304, LARGEST],
    meaning: "The largest receive buffer that a program may set (plugins.net-tuning.recv_buffer).",
    presets: {
      "low-latency": { value: ">=16777216", reason: "A wish above it is cut. Raise only." },
      "high-throughput": { value: ">=16777216", reason: "A wish above it is cut. Raise only." },
    },
    note: {
      kind: "downgrade",
      text: "wishes of programs are cut to less than now: write >= before the value to only raise it",
    },
  }),
  network("net.core.wmem_max", {
    unit: "bytes",
    range: [4608, LARGEST],
    meaning: "The largest send buffer that a program may set (plugins.net-tuning.send_buffer).",
    presets: {
      "low-latency": { value: ">=16777216", reason: "A wish above it is cut. Raise only." },
      "high-throughput": { value: ">=16777216", reason: "A wish above it is cut. Raise only." },
    },
    note: {
      kind: "downgrade",
      text: "wishes of programs are cut to less than now: write >= before the value to only raise it",
    },
  }),
  network("net.core.netdev_max_backlog", {
    unit: "packets",
    range: [0, LARGEST],
    meaning:
      "How many received packets may wait for a CPU; what comes on top is dropped, and counted in the second column of /proc/net/softnet_stat.",
    presets: {
      "high-throughput": { value: ">=4096", reason: "A burst waits instead of being lost. Raise only." },
    },
  }),
  network("net.core.netdev_budget", {
    unit: "packets",
    range: [1, LARGEST],
    meaning: "How many packets a CPU takes from its cards before it lets programs run.",
    presets: {
      "high-throughput": { value: ">=600", reason: "Fewer changes between packets and programs. Raise only." },
    },
  }),
  network("net.core.netdev_budget_usecs", {
    unit: "us",
    range: [0, LARGEST],
    meaning: "For how long a CPU does so.",
  }),
  network("net.core.busy_poll", {
    unit: "us",
    range: [0, LARGEST],
    meaning: "How long a thread that waits for several sockets looks at the network card itself.",
    presets: {
      "low-latency": {
        value: 50,
        reason: "No interrupt and no wake-up stand between packet and program. Not on loopback.",
      },
      "high-throughput": { value: 0, reason: "Looking costs a CPU what it could do instead." },
    },
  }),
  network("net.core.busy_read", {
    unit: "us",
    range: [0, LARGEST],
    meaning: "The same of a thread that reads one socket and waits.",
    presets: {
      "low-latency": { value: 50, reason: "As busy_poll." },
      "high-throughput": { value: 0, reason: "As busy_poll." },
    },
  }),
  memory("vm.swappiness", {
    range: [0, 200],
    meaning: "How readily the kernel moves memory of programs to disk rather than give up cached files, 0 to 200.",
    presets: {
      "low-latency": { value: 10, reason: "A thread stops while a page of the engine is read back." },
      "high-throughput": { value: 10, reason: "As for latency: a page that comes back from disk costs milliseconds." },
    },
  }),
  memory("vm.dirty_ratio", {
    unit: "%",
    range: [0, 100],
    companions: ["vm.dirty_bytes"],
    meaning: `At how much unwritten file data, in percent of memory, a program that writes has to write it out itself. ${RATIO_AND_BYTES}`,
    presets: {
      "high-throughput": { value: 40, reason: "Logs and recordings are written out in the background." },
    },
  }),
  memory("vm.dirty_background_ratio", {
    unit: "%",
    range: [0, 100],
    companions: ["vm.dirty_background_bytes"],
    meaning: `At how much of it the kernel begins to write it out. ${RATIO_AND_BYTES}`,
    presets: {
      "low-latency": {
        value: 3,
        reason: "It is written early and in small pieces: no burst of writes stops a thread.",
      },
      "high-throughput": { value: 10, reason: "Early enough that nobody has to wait." },
    },
  }),
  memory("vm.dirty_bytes", {
    unit: "bytes",
    range: [8192, Number.MAX_SAFE_INTEGER],
    companions: ["vm.dirty_ratio"],
    meaning: `vm.dirty_ratio as a number of bytes. ${RATIO_AND_BYTES}`,
  }),
  memory("vm.dirty_background_bytes", {
    unit: "bytes",
    range: [1, Number.MAX_SAFE_INTEGER],
    companions: ["vm.dirty_background_ratio"],
    meaning: `vm.dirty_background_ratio as a number of bytes. ${RATIO_AND_BYTES}`,
  }),
  memory("vm.stat_interval", {
    unit: "s",
    range: [1, LARGEST],
    meaning: "How often each CPU adds up its memory statistics.",
    presets: { "low-latency": { value: 10, reason: "Fewer interruptions of the hot threads." } },
  }),
  memory("kernel.numa_balancing", {
    range: [0, 2],
    meaning: "Whether the kernel provokes page faults to learn which CPU uses which memory.",
    presets: {
      "low-latency": {
        value: 0,
        reason: "Such a fault hits a thread at any time; pinned threads gain nothing from it.",
      },
    },
  }),
  memory("kernel.timer_migration", {
    range: [0, 1],
    meaning: "Whether timers of an idle CPU are handed to one that is awake.",
    presets: { "low-latency": { value: 0, reason: "Cores of hot threads do not get the timers of others." } },
  }),
]

function network(id: string, facts: Omit<SysctlFacts, "scope" | "needs">): Tunable {
  return sysctl(id, { scope: "host", needs: "CAP_NET_ADMIN", ...facts })
}

function memory(id: string, facts: Omit<SysctlFacts, "scope" | "needs">): Tunable {
  return sysctl(id, { scope: "host", needs: "root", ...facts })
}
