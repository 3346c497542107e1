// What docs/tuning.md says of each tunable besides the words of its plugin: how it is verified, and the effect that was seen on
// the machine that the page describes. No figure without a measurement; none is said where there was none.

const NONE = "none measurable here: "
const NO_CARD = `${NONE}loopback has no network card`
const NO_LOSS = `${NONE}loopback loses nothing and has no round trip to speak of`
const NOT_SEEN = `${NONE}it takes effect when a peer is silent, not while it answers`
const NEW_ONLY = `${NONE}it is for new connections, and the engine keeps its own`
const NO_EFFECT = "no effect (`veloz tune measure`)"
const OF_HOST = `${NONE}it is the host's, and was left as it is`
const AT_BOOT = `${NONE}it takes a restart of the machine`

const socket = (effect, verified = "`getsockopt`") => ({ verified, effect })
const readBack = (effect) => ({ verified: "reads back", effect })

export const ROWS = {
  // ---- sockets
  TCP_NODELAY: socket(
    "a frame written in two parts: p50 88 ms without, 51 us with; written at once: none. In the engine: no effect (`veloz tune measure`)",
  ),
  SO_RCVBUF: socket(NO_EFFECT, "`getsockopt`; `ss -tm` (`rb`), which is twice as much"),
  SO_SNDBUF: socket(NO_EFFECT, "`getsockopt`; `ss -tm` (`tb`), which is twice as much"),
  TCP_KEEPIDLE: socket(NOT_SEEN, "`getsockopt`; `ss -to` (`timer:(keepalive`)"),
  TCP_KEEPINTVL: socket(NOT_SEEN),
  TCP_KEEPCNT: socket(NOT_SEEN),
  TCP_USER_TIMEOUT: socket(NO_EFFECT),
  TCP_NOTSENT_LOWAT: socket(NO_EFFECT),
  SO_BUSY_POLL: socket(`${NO_EFFECT}; on loopback \`/api/tuning\` says placebo`),
  SO_PREFER_BUSY_POLL: socket(NO_CARD),
  IP_TOS: socket(`${NONE}no network on the way that tells marks apart`),
  SO_PRIORITY: socket(`${NONE}loopback has one queue`),
  TCP_CONGESTION: socket(NO_LOSS, "`getsockopt`; `ss -ti`"),

  // ---- threads and process
  "thread.affinity": {
    verified: "`sched_getaffinity` of each thread, `taskset -acp`",
    effect:
      "idle machine: p99 of a wake-up 65 to 2,070 us, since a halted virtual processor wakes slowly; with the warmer 67 us. In the engine at 200 orders a second: no effect (`veloz tune measure`)",
  },
  "thread.scheduler": {
    verified: "`sched_getscheduler` of each thread, `chrt -ap`",
    effect:
      "under load, hot thread alone: p50 4.1 to 0.1 ms, p99.9 13 to 31 ms; with V8's helpers at FIFO 40, too: p99.9 12.4 to 0.6 ms",
  },
  "thread.warmer": {
    verified: "a thread of policy idle on each hot core, in `ps -eLo tid,cls,psr,comm`",
    effect:
      "pinned, idle machine: p99 of a wake-up 2,070 to 67 us. In the engine at 200 orders a second: no effect (`veloz tune measure`); beside other work harmful, p50 of order to ack 187 to 386 us",
  },
  "thread.nice": { verified: "`/proc/PID/task/TID/stat`", effect: `${NO_EFFECT}, at -10` },
  "thread.timer_slack_ns": {
    verified: "`/proc/PID/task/TID/timerslack_ns`",
    effect: "a probe on the quiet machine, 24 blocks: 89 % less. In the engine: no effect (`veloz tune measure`)",
  },
  "thread.io_class": { verified: "`ioprio_get`, `ionice -p`", effect: `${NONE}hot threads use no disk` },
  cpu_dma_latency_us: {
    verified: "`/dev/cpu_dma_latency`, held open, reads back",
    effect:
      "keep (`veloz tune measure`): p50 of order to ack 107 to 90 us, p < 0.001: a processor that does not sleep wakes at once",
  },
  "process.huge_pages": {
    verified: "`AnonHugePages` of `/proc/PID/smaps_rollup`",
    undone: "what is a huge page stays one until its pool gives it back; ends with the process",
    effect: "random reads over 64 MiB: 192 to 122 ns; over 16 MiB none; the first touch is ten times slower",
  },
  "process.locked_memory": {
    verified: "`VmLck` of `/proc/PID/status`",
    effect: `${NO_EFFECT}: nothing is swapped here`,
  },
  "process.oom_score_adj": { verified: "`/proc/PID/oom_score_adj`", effect: "none, as long as there is memory" },
  "v8.semi_space_mb": {
    verified: "the limits of each heap, asked on its own thread",
    undone: "by the restart that a change takes",
    effect:
      "64 MiB, many survivors: p99 of V8's pauses 17.9 to 4.4 ms. In the engine, which makes no garbage: no effect (`veloz tune measure`)",
  },

  // ---- network namespace
  "net.ipv4.tcp_rmem": readBack(
    "none measurable here: it was larger already; a plain `4096 131072 16777216` would have halved its last number",
  ),
  "net.ipv4.tcp_wmem": readBack(NO_EFFECT),
  "net.ipv4.tcp_timestamps": readBack(NEW_ONLY),
  "net.ipv4.tcp_fin_timeout": readBack(`${NONE}it concerns connections that are closed`),
  "net.ipv4.tcp_slow_start_after_idle": readBack(NO_EFFECT),
  "net.ipv4.tcp_autocorking": readBack(NO_EFFECT),
  "net.ipv4.tcp_notsent_lowat": readBack(NO_EFFECT),
  "net.ipv4.tcp_mtu_probing": readBack(NO_LOSS),
  "net.ipv4.tcp_fastopen": readBack("none: placebo"),
  "net.ipv4.tcp_congestion_control": readBack(NO_LOSS),
  "net.ipv4.tcp_keepalive_time": readBack("none: placebo"),
  "net.core.somaxconn": readBack(`${NONE}no storm of clients was tried`),

  // ---- host
  "net.ipv4.tcp_low_latency": readBack("none: placebo"),
  "net.core.rmem_max": readBack(
    "no latency; with 4,194,304 a wish of 16,777,216 for SO_RCVBUF becomes 8,388,608 as the kernel counts",
  ),
  "net.core.wmem_max": readBack(OF_HOST),
  "net.core.netdev_max_backlog": readBack(NO_CARD),
  "net.core.netdev_budget": readBack(NO_CARD),
  "net.core.netdev_budget_usecs": readBack(NO_CARD),
  "net.core.busy_poll": readBack(NO_CARD),
  "net.core.busy_read": readBack(NO_CARD),
  "vm.swappiness": readBack(`${NONE}nothing is swapped here`),
  "vm.dirty_ratio": readBack(OF_HOST),
  "vm.dirty_background_ratio": readBack(OF_HOST),
  "vm.dirty_bytes": readBack(OF_HOST),
  "vm.dirty_background_bytes": readBack(OF_HOST),
  "vm.stat_interval": readBack(OF_HOST),
  "kernel.numa_balancing": readBack(OF_HOST),
  "kernel.timer_migration": readBack(OF_HOST),
  "cpu.scaling_governor": readBack(`${NONE}the host decides the clock of a virtual machine`),
  "cpu.idle_exit_latency": readBack(`${NONE}the one sleep state of this machine (haltpoll) wakes in 1 us`),
  "transparent_hugepage.enabled": readBack(`${OF_HOST}; what the pools gain stands at \`process.huge_pages\``),
  "transparent_hugepage.defrag": readBack(OF_HOST),
  "irq.eth0": {
    verified: "`effective_affinity_list`, which moves with the next interrupt; the mask alone proves nothing",
    effect: OF_HOST,
  },
  "rps.eth0": readBack(NO_CARD),

  // ---- boot arguments
  isolcpus: { verified: "`/proc/cmdline`", effect: AT_BOOT },
  nohz_full: { verified: "`/proc/cmdline`", effect: AT_BOOT },
  rcu_nocbs: { verified: "`/proc/cmdline`", effect: AT_BOOT },
  mitigations: { verified: "`/proc/cmdline`", effect: AT_BOOT },
}
