import { type Machine, type SysctlFacts, sysctl, type Tunable, type Wish } from "veloz"

const LARGEST = 2 ** 31 - 1
const UNLIMITED = 2 ** 32 - 1
const SMALLER_BUFFER =
  "a smaller buffer than the present one is a downgrade: write >= before the values to only raise them"

/** What each network namespace has of its own: the engine's, and so a container's. */
export const NETWORK_SYSCTLS: readonly Tunable[] = [
  network("net.ipv4.tcp_rmem", {
    unit: "bytes",
    fields: 3,
    range: [1, LARGEST],
    check: ascending,
    meaning:
      "Smallest, first and largest receive buffer of a TCP socket; within these the kernel sizes it by the traffic, unless a program sets a size.",
    presets: {
      "low-latency": {
        value: ">=4096 131072 16777216",
        reason: "Room for a burst. Raise only: a smaller last number than the present one is a downgrade.",
      },
      "high-throughput": {
        value: ">=4096 131072 33554432",
        reason: "A full pipe needs bandwidth times round trip in the buffer: 2.5 Gbit/s at 100 ms. Raise only.",
      },
    },
    note: { kind: "downgrade", text: SMALLER_BUFFER },
  }),
  network("net.ipv4.tcp_wmem", {
    unit: "bytes",
    fields: 3,
    range: [1, LARGEST],
    check: ascending,
    meaning: "The same of the send buffer.",
    presets: {
      "high-throughput": {
        value: ">=4096 65536 16777216",
        reason: "What was sent stays until it is acknowledged, as much as is on its way. Raise only.",
      },
    },
    note: { kind: "downgrade", text: SMALLER_BUFFER },
  }),
  network("net.ipv4.tcp_timestamps", {
    range: [0, 2],
    meaning: "Whether segments carry the times from which round trips are measured: 2 without a random start.",
    presets: {
      "low-latency": {
        value: 1,
        reason: "0 saves 12 bytes a segment, and takes from the kernel the round trip of what it has sent again.",
      },
    },
  }),
  network("net.ipv4.tcp_fin_timeout", {
    unit: "s",
    range: [1, LARGEST],
    meaning:
      "How long a closed connection waits for the peer to close, too (FIN_WAIT_2). It is no timeout of connections, and TIME_WAIT stays 60 s.",
  }),
  network("net.ipv4.tcp_slow_start_after_idle", {
    range: [0, 1],
    meaning: "Whether a connection that was silent for a while begins again with a small congestion window.",
    presets: {
      "low-latency": { value: 0, reason: "The first burst after a quiet spell leaves at once." },
      "high-throughput": { value: 0, reason: "The window that was reached stays." },
    },
  }),
  network("net.ipv4.tcp_autocorking", {
    range: [0, 1],
    meaning: "Whether a small write waits for company while an earlier one has not left the machine.",
    presets: {
      "low-latency": { value: 0, reason: "It holds frames back even with TCP_NODELAY." },
      "high-throughput": { value: 1, reason: "Fewer and fuller segments." },
    },
  }),
  network("net.ipv4.tcp_notsent_lowat", {
    unit: "bytes",
    range: [0, UNLIMITED],
    meaning: "How much unsent data a socket holds until it counts as full; 4294967295 is no limit.",
    presets: {
      "low-latency": { value: 16384, reason: "What waits in the kernel is older by the time that it leaves." },
      "high-throughput": { value: 131072, reason: "Enough that the card never waits, and no more." },
    },
  }),
  network("net.ipv4.tcp_mtu_probing", {
    range: [0, 2],
    meaning:
      "Whether TCP looks itself for the largest segment that a path carries: 0 never, 1 when segments vanish, 2 always.",
    presets: {
      "high-throughput": {
        value: 1,
        reason: "A path that swallows large segments is found out, instead of standing still.",
      },
    },
  }),
  network("net.ipv4.tcp_fastopen", {
    range: [0, LARGEST],
    meaning: "Whether data may travel with the opening of a connection: 1 as client, 2 as server, 3 as both.",
    note: { kind: "placebo", text: "programs have to ask for it, and Node does not" },
  }),
  network("net.ipv4.tcp_congestion_control", {
    companions: ["net.ipv4.tcp_allowed_congestion_control"],
    check: checkCongestion,
    meaning: "How fast new connections send, and what they take for a sign of a full path.",
  }),
  network("net.ipv4.tcp_keepalive_time", {
    unit: "s",
    range: [1, 32767],
    meaning:
      "How long a connection is silent until the kernel probes it, where a program asks for probes and says no time.",
    note: { kind: "placebo", text: "net-tuning says the time on each socket" },
  }),
  network("net.core.somaxconn", {
    unit: "connections",
    range: [0, LARGEST],
    meaning: "How many connections may wait for a listening program to accept them.",
    presets: {
      "high-throughput": { value: ">=4096", reason: "A storm of clients of the HTTP API is not refused. Raise only." },
    },
    note: {
      kind: "downgrade",
      text: "a shorter queue than the present one: write >= before the value to only raise it",
    },
  }),
]

function network(id: string, facts: Omit<SysctlFacts, "scope" | "needs">): Tunable {
  return sysctl(id, { scope: "network namespace", needs: "CAP_NET_ADMIN", ...facts })
}

/** A kernel has some, and of these a network namespace other than the host's may use those that the host allows to all. */
function checkCongestion(wish: Wish, machine: Machine): string | undefined {
  const words = (file: string): string[] => machine.read(`/proc/sys/net/ipv4/${file}`).split(/\s+/)
  const available = words("tcp_available_congestion_control")
  if (!available.includes(String(wish))) {
    return `it must be one of ${available.join(", ")}; others need their module loaded (modprobe tcp_${wish})`
  }
  if (machine.isWritable(ALLOWED)) return undefined
  const allowed = words("tcp_allowed_congestion_control")
  if (allowed.includes(String(wish))) return undefined
  return `it must be one of ${allowed.join(", ")}, unless the host allows another (sysctl net.ipv4.tcp_allowed_congestion_control)`
}

const ALLOWED = "/proc/sys/net/ipv4/tcp_allowed_congestion_control"

/** Smallest, first, largest. */
function ascending(wish: string | number): string | undefined {
  const numbers = String(wish).replaceAll(">=", "").trim().split(/\s+/).map(Number)
  const isSorted = numbers.every((number, i) => i === 0 || number >= numbers[i - 1])
  return isSorted ? undefined : "the numbers are smallest, first and largest, in this order"
}
