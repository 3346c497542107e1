// What a kernel can be asked for, as data. Sysctls go by their names.

export type Scope = "network namespace" | "host" | "boot"

/**
 * How the value stands in its file. "choice": all that may be, with the one in force in brackets. "per-cpu": a file
 * for each, whose number stands for the asterisk of `path`. "argument": a word of the kernel's command line.
 */
export type Form = "plain" | "choice" | "per-cpu" | "argument"

export interface Tunable {
  readonly id: string
  readonly scope: Scope
  /** Below "/". */
  readonly path: string
  readonly form: Form
  readonly unit?: string
  readonly meaning: string
  /** What a host that is tuned for latency has, and why. No such member: latency does not ask for a value. */
  readonly lowLatency?: { readonly value: string | number; readonly reason: string }
  readonly note?: string
}

export const CATALOGUE: readonly Tunable[] = [
  ...sysctls("network namespace", [
    {
      id: "net.ipv4.tcp_rmem",
      unit: "bytes",
      meaning:
        "Smallest, first and largest receive buffer of a TCP socket; within these the kernel sizes it by the traffic, unless a program sets a size.",
      lowLatency: {
        value: ">=4096 131072 16777216",
        reason: "Room for a burst. Raise only: a smaller last number than the present one is a downgrade.",
      },
    },
    {
      id: "net.ipv4.tcp_wmem",
      unit: "bytes",
      meaning: "The same of the send buffer.",
    },
    {
      id: "net.ipv4.tcp_timestamps",
      meaning: "Whether segments carry the times from which round trips are measured.",
      lowLatency: {
        value: 1,
        reason: "0 saves 12 bytes a segment, and takes from the kernel the round trip of what it has sent again.",
      },
    },
    {
      id: "net.ipv4.tcp_fin_timeout",
      unit: "s",
      meaning:
        "How long a closed connection waits for the peer to close, too (FIN_WAIT_2). It is no timeout of connections, and TIME_WAIT stays 60 s.",
    },
    {
      id: "net.ipv4.tcp_slow_start_after_idle",
      meaning: "Whether a connection that was silent for a while begins again with a small congestion window.",
      lowLatency: { value: 0, reason: "The first burst after a quiet spell leaves at once." },
    },
    {
      id: "net.ipv4.tcp_autocorking",
      meaning: "Whether a small write waits for company while an earlier one has not left the machine.",
      lowLatency: { value: 0, reason: "It holds frames back even with TCP_NODELAY." },
    },
    {
      id: "net.ipv4.tcp_notsent_lowat",
      unit: "bytes",
      meaning: "How much unsent data a socket holds until it counts as full; 4294967295 is no limit.",
      lowLatency: { value: 16384, reason: "What waits in the kernel is older by the time that it leaves." },
    },
    {
      id: "net.ipv4.tcp_mtu_probing",
      meaning:
        "Whether TCP looks itself for the largest segment that a path carries: 0 never, 1 when segments vanish, 2 always.",
    },
    {
      id: "net.ipv4.tcp_fastopen",
      meaning: "Whether data may travel with the opening of a connection: 1 as client, 2 as server, 3 as both.",
      note: "placebo: programs have to ask for it, and Node does not",
    },
    {
      id: "net.core.somaxconn",
      unit: "connections",
      meaning: "How many connections may wait for a listening program to accept them.",
    },
  ]),
  ...sysctls("host", [
    {
      id: "net.ipv4.tcp_low_latency",
      meaning: "Once preferred latency over throughput.",
      note: "placebo: the kernel has ignored it since 4.14",
    },
    {
      id: "net.core.rmem_max",
      unit: "bytes",
      meaning: "The largest receive buffer that a program may set (plugins.net-tuning.recv_buffer).",
      lowLatency: { value: ">=16777216", reason: "A wish above it is cut. Raise only." },
    },
    {
      id: "net.core.wmem_max",
      unit: "bytes",
      meaning: "The largest send buffer that a program may set (plugins.net-tuning.send_buffer).",
      lowLatency: { value: ">=16777216", reason: "A wish above it is cut. Raise only." },
    },
    {
      id: "net.core.netdev_max_backlog",
      unit: "packets",
      meaning:
        "How many received packets may wait for a CPU; what comes on top is dropped, and counted in the second column of /proc/net/softnet_stat.",
    },
    {
      id: "net.core.busy_poll",
      unit: "us",
      meaning: "How long a thread that waits for several sockets looks at the network card itself.",
      lowLatency: {
        value: 50,
        reason: "No interrupt and no wake-up stand between packet and program. Not on loopback.",
      },
    },
    {
      id: "net.core.busy_read",
      unit: "us",
      meaning: "The same of a thread that reads one socket and waits.",
      lowLatency: { value: 50, reason: "As busy_poll." },
    },
    {
      id: "vm.swappiness",
      meaning: "How readily the kernel moves memory of programs to disk rather than give up cached files, 0 to 200.",
      lowLatency: { value: 10, reason: "A thread stops while a page of the engine is read back." },
    },
    {
      id: "vm.stat_interval",
      unit: "s",
      meaning: "How often each CPU adds up its memory statistics.",
      lowLatency: { value: 10, reason: "Fewer interruptions of the hot threads." },
    },
    {
      id: "kernel.numa_balancing",
      meaning: "Whether the kernel provokes page faults to learn which CPU uses which memory.",
      lowLatency: { value: 0, reason: "Such a fault hits a thread at any time; pinned threads gain nothing from it." },
    },
    {
      id: "kernel.timer_migration",
      meaning: "Whether timers of an idle CPU are handed to one that is awake.",
      lowLatency: { value: 0, reason: "Cores of hot threads do not get the timers of others." },
    },
  ]),
  {
    id: "cpu.scaling_governor",
    scope: "host",
    path: "sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
    form: "per-cpu",
    meaning: "How the clock of a CPU follows its load.",
    lowLatency: { value: "performance", reason: "The clock does not have to rise first when a message comes." },
  },
  {
    id: "transparent_hugepage.enabled",
    scope: "host",
    path: "sys/kernel/mm/transparent_hugepage/enabled",
    form: "choice",
    meaning:
      "Whose memory may become pages of 2 MiB: that of all programs (always), of those that ask (madvise), of none (never).",
    lowLatency: {
      value: "madvise",
      reason: "No program pays that has not asked. Node does not, so never does no more.",
    },
  },
  {
    id: "transparent_hugepage.defrag",
    scope: "host",
    path: "sys/kernel/mm/transparent_hugepage/defrag",
    form: "choice",
    meaning: "Which programs wait while the kernel moves memory together to make such a page.",
    lowLatency: { value: "madvise", reason: "As transparent_hugepage.enabled." },
  },
  ...bootArguments({
    isolcpus: {
      meaning: "CPUs that only threads run on that are bound to them.",
      lowLatency: { value: "isolcpus=<cores of the engine>", reason: "No other program is scheduled there." },
    },
    nohz_full: {
      meaning: "CPUs without a periodic tick while a single thread runs there.",
      lowLatency: { value: "nohz_full=<the same>", reason: "Up to 1,000 interruptions a second less." },
    },
    rcu_nocbs: {
      meaning: "CPUs whose deferred work of the kernel (RCU) is done on others.",
      lowLatency: { value: "rcu_nocbs=<the same>", reason: "This work comes in bursts." },
    },
    mitigations: {
      meaning: "Protection against attacks on the processor, such as Spectre. It makes system calls slower.",
      lowLatency: {
        value: "mitigations=off",
        reason: "System calls are cheaper. Only on a machine on which every program is trusted.",
      },
    },
  }),
]

function sysctls(scope: Scope, tunables: readonly Omit<Tunable, "scope" | "path" | "form">[]): Tunable[] {
  return tunables.map((tunable) => ({
    ...tunable,
    scope,
    path: `proc/sys/${tunable.id.replaceAll(".", "/")}`,
    form: "plain",
  }))
}

function bootArguments(named: Readonly<Record<string, Pick<Tunable, "meaning" | "lowLatency">>>): Tunable[] {
  return Object.entries(named).map(([id, tunable]) => ({
    ...tunable,
    id,
    scope: "boot",
    path: "proc/cmdline",
    form: "argument",
  }))
}
