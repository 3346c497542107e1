// Made from schemas/ by "npm run generate". Do not edit.
import type { PluginUse } from "./types.js"

/**
 * Alerts on the engine's own measurements.
 */
export interface AlertsSettings {
  /**
   * The alerts. POST /api/alerts/latency adds to them.
   *
   * A list whose items are each an object. A change: live at once.
   *
   * @default []
   *
   * @maxItems 256
   */
  rules?: (AlertRuleSettings[] | null)
}
/**
 * One alert.
 */
export interface AlertRuleSettings {
  /**
   * Name under which the alert is reported: letters, digits, spaces and _ . : -, 64 at most.
   *
   * Text that matches ^\w[\w .:-]{0,63}$.
   */
  name: string
  /**
   * The figure that is watched, such as "order_to_ack_p99_us", "market_data_age_ms", or a counter.
   */
  metric: string
  /**
   * The alert is raised when the figure is above this. It is in the figure's own unit.
   */
  threshold: number
  /**
   * How long the figure must stay above the threshold first.
   *
   * Unit: s. A number from 0 to 86400.
   *
   * @default 0
   */
  duration_seconds?: number
  /**
   * What happens beside the event: "log" writes a warning to the log, "stream" nothing.
   *
   * "log" or "stream".
   *
   * @default "log"
   */
  action?: ("log" | "stream")
}

/**
 * Alerts on the engine's own measurements.
 */
export interface AlertsOptions {
  /**
   * The alerts. POST /api/alerts/latency adds to them.
   *
   * A list whose items are each an object. A change: live at once.
   *
   * @default []
   *
   * @maxItems 256
   */
  rules: AlertRuleOptions[]
}
/**
 * One alert.
 */
export interface AlertRuleOptions {
  /**
   * Name under which the alert is reported: letters, digits, spaces and _ . : -, 64 at most.
   *
   * Text that matches ^\w[\w .:-]{0,63}$.
   */
  name: string
  /**
   * The figure that is watched, such as "order_to_ack_p99_us", "market_data_age_ms", or a counter.
   */
  metric: string
  /**
   * The alert is raised when the figure is above this. It is in the figure's own unit.
   */
  threshold: number
  /**
   * How long the figure must stay above the threshold first.
   *
   * Unit: s. A number from 0 to 86400.
   *
   * @default 0
   */
  duration_seconds: number
  /**
   * What happens beside the event: "log" writes a warning to the log, "stream" nothing.
   *
   * "log" or "stream".
   *
   * @default "log"
   */
  action: ("log" | "stream")
}

/**
 * The adapter that speaks the Binance Spot protocol, with the exchange itself or with the embedded one. Credentials are never options: they come from VELOZ_API_KEY and VELOZ_API_SECRET or from key_file.
 */
export interface BinanceSettings {
  /**
   * Root of the REST API.
   *
   * Text that matches ^https?://. Environment: VELOZ_BINANCE_REST_URL. A change: the plugin is started anew.
   *
   * @default "https://api.binance.com"
   */
  rest_url?: (string | null)
  /**
   * Root of the market data streams.
   *
   * Text that matches ^wss?://. Environment: VELOZ_BINANCE_STREAM_URL. A change: the plugin is started anew.
   *
   * @default "wss://stream.binance.com:9443"
   */
  stream_url?: (string | null)
  /**
   * Address of the WebSocket API.
   *
   * Text that matches ^wss?://. Environment: VELOZ_BINANCE_API_URL. A change: new hot threads take over.
   *
   * @default "wss://ws-api.binance.com:443/ws-api/v3"
   */
  api_url?: (string | null)
  /**
   * How old a signed request may be when the venue reads it.
   *
   * Unit: ms. An integer from 1 to 60000. Environment: VELOZ_RECV_WINDOW_MS. A change: live at once.
   *
   * @default 5000
   */
  recv_window_ms?: (number | null)
  /**
   * JSON file with "key" and "secret" (or "private_key"), readable by its owner alone (mode 0600); without it, VELOZ_API_KEY and VELOZ_API_SECRET count.
   *
   * Environment: VELOZ_KEY_FILE. A change: new hot threads take over.
   */
  key_file?: (string | null)
  /**
   * An order without an answer for this long is UNKNOWN: it is asked for, never sent again.
   *
   * Unit: ms. An integer from 100 to 60000. Environment: VELOZ_REQUEST_TIMEOUT_MS. A change: live at once.
   *
   * @default 10000
   */
  request_timeout_ms?: (number | null)
  /**
   * First wait before a lost connection is opened again; it doubles, with jitter, at each failure.
   *
   * Unit: ms. An integer from 1 to 60000. Environment: VELOZ_RECONNECT_MIN_MS. A change: live at once.
   *
   * @default 100
   */
  reconnect_min_ms?: (number | null)
  /**
   * Longest wait between two attempts to connect.
   *
   * Unit: ms. An integer from 1 to 600000. Environment: VELOZ_RECONNECT_MAX_MS. A change: live at once.
   *
   * @default 30000
   */
  reconnect_max_ms?: (number | null)
}

/**
 * The adapter that speaks the Binance Spot protocol, with the exchange itself or with the embedded one. Credentials are never options: they come from VELOZ_API_KEY and VELOZ_API_SECRET or from key_file.
 */
export interface BinanceOptions {
  /**
   * Root of the REST API.
   *
   * Text that matches ^https?://. Environment: VELOZ_BINANCE_REST_URL. A change: the plugin is started anew.
   *
   * @default "https://api.binance.com"
   */
  rest_url: string
  /**
   * Root of the market data streams.
   *
   * Text that matches ^wss?://. Environment: VELOZ_BINANCE_STREAM_URL. A change: the plugin is started anew.
   *
   * @default "wss://stream.binance.com:9443"
   */
  stream_url: string
  /**
   * Address of the WebSocket API.
   *
   * Text that matches ^wss?://. Environment: VELOZ_BINANCE_API_URL. A change: new hot threads take over.
   *
   * @default "wss://ws-api.binance.com:443/ws-api/v3"
   */
  api_url: string
  /**
   * How old a signed request may be when the venue reads it.
   *
   * Unit: ms. An integer from 1 to 60000. Environment: VELOZ_RECV_WINDOW_MS. A change: live at once.
   *
   * @default 5000
   */
  recv_window_ms: number
  /**
   * JSON file with "key" and "secret" (or "private_key"), readable by its owner alone (mode 0600); without it, VELOZ_API_KEY and VELOZ_API_SECRET count.
   *
   * Environment: VELOZ_KEY_FILE. A change: new hot threads take over.
   */
  key_file?: string
  /**
   * An order without an answer for this long is UNKNOWN: it is asked for, never sent again.
   *
   * Unit: ms. An integer from 100 to 60000. Environment: VELOZ_REQUEST_TIMEOUT_MS. A change: live at once.
   *
   * @default 10000
   */
  request_timeout_ms: number
  /**
   * First wait before a lost connection is opened again; it doubles, with jitter, at each failure.
   *
   * Unit: ms. An integer from 1 to 60000. Environment: VELOZ_RECONNECT_MIN_MS. A change: live at once.
   *
   * @default 100
   */
  reconnect_min_ms: number
  /**
   * Longest wait between two attempts to connect.
   *
   * Unit: ms. An integer from 1 to 600000. Environment: VELOZ_RECONNECT_MAX_MS. A change: live at once.
   *
   * @default 30000
   */
  reconnect_max_ms: number
}

/**
 * Which cores the threads run on, and with which priority.
 */
export interface CpuAffinitySettings {
  /**
   * Pin the threads to the cores below.
   *
   * Environment: VELOZ_CPU_AFFINITY. A change: the plugin is started anew.
   *
   * @default false
   */
  enabled?: (boolean | null)
  /**
   * Cores that the network thread may use; an empty list leaves it where the scheduler puts it.
   *
   * A list whose items are each an integer from 0 to 4095. Environment: VELOZ_NETWORK_THREAD_CORES. A change: the plugin is started anew.
   *
   * @default []
   */
  network_thread_cores?: (number[] | null)
  /**
   * Cores that the engine thread may use; an empty list leaves it where the scheduler puts it.
   *
   * A list whose items are each an integer from 0 to 4095. Environment: VELOZ_ENGINE_THREAD_CORES. A change: the plugin is started anew.
   *
   * @default []
   */
  engine_thread_cores?: (number[] | null)
  /**
   * Cores that the strategy thread may use; an empty list leaves it where the scheduler puts it.
   *
   * A list whose items are each an integer from 0 to 4095. Environment: VELOZ_STRATEGY_THREAD_CORES. A change: the plugin is started anew.
   *
   * @default []
   */
  strategy_thread_cores?: (number[] | null)
  /**
   * Where this machine lacks a core of the lists, use the ones of the list that it has, instead of refusing the list.
   *
   * Environment: VELOZ_CPU_AFFINITY_FIT. A change: the plugin is started anew.
   *
   * @default false
   */
  fit?: (boolean | null)
  /**
   * Scheduling policy of the hot threads that have cores of their own: "other" is the ordinary one, "fifo" and "rr" are real-time and go before everything else there. It takes CAP_SYS_NICE or a limit (ulimit -r), a core that is left for control, and idle threads that park; without one of these it is refused.
   *
   * "other", "fifo" or "rr". Environment: VELOZ_SCHEDULER. A change: the plugin is started anew.
   *
   * @default "other"
   */
  scheduler?: ("other" | "fifo" | "rr" | null)
  /**
   * Real-time priority of the hot threads.
   *
   * An integer from 2 to 99. Environment: VELOZ_THREAD_PRIORITY. A change: the plugin is started anew.
   *
   * @default 50
   */
  priority?: (number | null)
  /**
   * Real-time priority of Node's own threads, whose garbage collection the hot threads wait for. Below priority.
   *
   * An integer from 1 to 98. Environment: VELOZ_HELPER_PRIORITY. A change: the plugin is started anew.
   *
   * @default 40
   */
  helper_priority?: (number | null)
  /**
   * A real-time thread that runs for so long without waiting for anything loses its priority (RLIMIT_RTTIME, SIGXCPU), and an error says so.
   *
   * Unit: ms. An integer from 20 to 10000. Environment: VELOZ_RUN_LIMIT_MS. A change: the plugin is started anew.
   *
   * @default 200
   */
  run_limit_ms?: (number | null)
  /**
   * Keep the cores of the hot threads awake with a thread each that burns the time which nobody else wants (SCHED_IDLE). For virtual machines, whose halted processors wake slowly. It costs a whole core of energy for each, and takes from a hardware thread beside it.
   *
   * Environment: VELOZ_WARM_CORES. A change: the plugin is started anew.
   *
   * @default false
   */
  warm_cores?: (boolean | null)
  /**
   * Nice value of the hot threads, from -20, which gets the most, to 19; 0 leaves it. Below 0 it needs CAP_SYS_NICE or a limit (ulimit -e). No effect on real-time threads.
   *
   * An integer from -20 to 19. Environment: VELOZ_THREAD_NICE. A change: the plugin is started anew.
   *
   * @default 0
   */
  nice?: (number | null)
  /**
   * How late the kernel may wake the hot threads from a sleep with a time limit, to wake several at once; 0 leaves it at the system's 50,000.
   *
   * Unit: ns. An integer from 0 to 1000000000. Environment: VELOZ_TIMER_SLACK_NS. A change: the plugin is started anew.
   *
   * @default 0
   */
  timer_slack_ns?: (number | null)
  /**
   * In which order the disk serves the hot threads; "none" is as their nice value says. "realtime" needs CAP_SYS_NICE. No effect where the disk's scheduler is none or mq-deadline, nor on threads that use no disk.
   *
   * "none", "realtime", "best-effort" or "idle". Environment: VELOZ_IO_CLASS. A change: the plugin is started anew.
   *
   * @default "none"
   */
  io_class?: ("none" | "realtime" | "best-effort" | "idle" | null)
  /**
   * The longest time that the processors of the machine may take to wake from sleep, as long as the engine runs (/dev/cpu_dma_latency); -1 leaves it, 0 keeps them awake. Needs root, and costs energy.
   *
   * Unit: us. An integer from -1 to 1000000. Environment: VELOZ_DMA_LATENCY_US. A change: the plugin is started anew.
   *
   * @default -1
   */
  dma_latency_us?: (number | null)
}

/**
 * Which cores the threads run on, and with which priority.
 */
export interface CpuAffinityOptions {
  /**
   * Pin the threads to the cores below.
   *
   * Environment: VELOZ_CPU_AFFINITY. A change: the plugin is started anew.
   *
   * @default false
   */
  enabled: boolean
  /**
   * Cores that the network thread may use; an empty list leaves it where the scheduler puts it.
   *
   * A list whose items are each an integer from 0 to 4095. Environment: VELOZ_NETWORK_THREAD_CORES. A change: the plugin is started anew.
   *
   * @default []
   *
   * Items: Number of a core, as the kernel counts them.
   */
  network_thread_cores: number[]
  /**
   * Cores that the engine thread may use; an empty list leaves it where the scheduler puts it.
   *
   * A list whose items are each an integer from 0 to 4095. Environment: VELOZ_ENGINE_THREAD_CORES. A change: the plugin is started anew.
   *
   * @default []
   *
   * Items: Number of a core, as the kernel counts them.
   */
  engine_thread_cores: number[]
  /**
   * Cores that the strategy thread may use; an empty list leaves it where the scheduler puts it.
   *
   * A list whose items are each an integer from 0 to 4095. Environment: VELOZ_STRATEGY_THREAD_CORES. A change: the plugin is started anew.
   *
   * @default []
   *
   * Items: Number of a core, as the kernel counts them.
   */
  strategy_thread_cores: number[]
  /**
   * Where this machine lacks a core of the lists, use the ones of the list that it has, instead of refusing the list.
   *
   * Environment: VELOZ_CPU_AFFINITY_FIT. A change: the plugin is started anew.
   *
   * @default false
   */
  fit: boolean
  /**
   * Scheduling policy of the hot threads that have cores of their own: "other" is the ordinary one, "fifo" and "rr" are real-time and go before everything else there. It takes CAP_SYS_NICE or a limit (ulimit -r), a core that is left for control, and idle threads that park; without one of these it is refused.
   *
   * "other", "fifo" or "rr". Environment: VELOZ_SCHEDULER. A change: the plugin is started anew.
   *
   * @default "other"
   */
  scheduler: ("other" | "fifo" | "rr")
  /**
   * Real-time priority of the hot threads.
   *
   * An integer from 2 to 99. Environment: VELOZ_THREAD_PRIORITY. A change: the plugin is started anew.
   *
   * @default 50
   */
  priority: number
  /**
   * Real-time priority of Node's own threads, whose garbage collection the hot threads wait for. Below priority.
   *
   * An integer from 1 to 98. Environment: VELOZ_HELPER_PRIORITY. A change: the plugin is started anew.
   *
   * @default 40
   */
  helper_priority: number
  /**
   * A real-time thread that runs for so long without waiting for anything loses its priority (RLIMIT_RTTIME, SIGXCPU), and an error says so.
   *
   * Unit: ms. An integer from 20 to 10000. Environment: VELOZ_RUN_LIMIT_MS. A change: the plugin is started anew.
   *
   * @default 200
   */
  run_limit_ms: number
  /**
   * Keep the cores of the hot threads awake with a thread each that burns the time which nobody else wants (SCHED_IDLE). For virtual machines, whose halted processors wake slowly. It costs a whole core of energy for each, and takes from a hardware thread beside it.
   *
   * Environment: VELOZ_WARM_CORES. A change: the plugin is started anew.
   *
   * @default false
   */
  warm_cores: boolean
  /**
   * Nice value of the hot threads, from -20, which gets the most, to 19; 0 leaves it. Below 0 it needs CAP_SYS_NICE or a limit (ulimit -e). No effect on real-time threads.
   *
   * An integer from -20 to 19. Environment: VELOZ_THREAD_NICE. A change: the plugin is started anew.
   *
   * @default 0
   */
  nice: number
  /**
   * How late the kernel may wake the hot threads from a sleep with a time limit, to wake several at once; 0 leaves it at the system's 50,000.
   *
   * Unit: ns. An integer from 0 to 1000000000. Environment: VELOZ_TIMER_SLACK_NS. A change: the plugin is started anew.
   *
   * @default 0
   */
  timer_slack_ns: number
  /**
   * In which order the disk serves the hot threads; "none" is as their nice value says. "realtime" needs CAP_SYS_NICE. No effect where the disk's scheduler is none or mq-deadline, nor on threads that use no disk.
   *
   * "none", "realtime", "best-effort" or "idle". Environment: VELOZ_IO_CLASS. A change: the plugin is started anew.
   *
   * @default "none"
   */
  io_class: ("none" | "realtime" | "best-effort" | "idle")
  /**
   * The longest time that the processors of the machine may take to wake from sleep, as long as the engine runs (/dev/cpu_dma_latency); -1 leaves it, 0 keeps them awake. Needs root, and costs energy.
   *
   * Unit: us. An integer from -1 to 1000000. Environment: VELOZ_DMA_LATENCY_US. A change: the plugin is started anew.
   *
   * @default -1
   */
  dma_latency_us: number
}

/**
 * Values of the kernel as a desired state: planned, applied when permitted, verified, and always put back.
 */
export interface KernelTuningSettings {
  /**
   * "plan" says what would change and changes nothing; "apply" sets the values, and puts them back when the engine stops. A request over HTTP cannot turn it to "apply".
   *
   * "plan" or "apply". Environment: VELOZ_KERNEL_TUNING. A change: live at once.
   *
   * @default "plan"
   */
  mode?: ("plan" | "apply" | null)
  /**
   * Values of the catalogue for a purpose, each with its reason in GET /api/tuning; "none" asks for no value.
   *
   * "none", "low-latency" or "high-throughput". Environment: VELOZ_KERNEL_PROFILE. A change: live at once.
   *
   * @default "none"
   */
  profile?: ("none" | "low-latency" | "high-throughput" | null)
  /**
   * Wanted values by sysctl name, such as "net.core.somaxconn": 4096. They win over the profile. ">=" before numbers only raises them; "keep" leaves the value as it is.
   *
   * A change: live at once.
   *
   * @default {}
   */
  sysctl?: ({
    /**
     * The value as it is written to /proc/sys, ">=16777216" or ">=4096 131072 16777216" to only raise, or "keep".
     */
    [k: string]: string | number
  } | null)
  /**
   * How the clock of the CPUs follows their load, such as "performance"; "keep" leaves it, "profile" is what the profile says.
   *
   * Environment: VELOZ_GOVERNOR. A change: live at once.
   *
   * @default "profile"
   */
  governor?: (string | null)
  /**
   * Sleep states (C-states) of the CPUs that take longer than this to wake up from are switched off; "keep" leaves them, "profile" is what the profile says.
   *
   * Unit: us. An integer from 0 to 999999 or text that matches ^(profile|keep|[0-9]{1,6})$. Environment: VELOZ_IDLE_EXIT_LATENCY. A change: live at once.
   *
   * @default "profile"
   */
  idle_exit_latency?: (number | string | null)
  /**
   * Whose memory may become huge pages (transparent_hugepage/enabled).
   *
   * "profile", "keep", "always", "madvise" or "never". Environment: VELOZ_THP. A change: live at once.
   *
   * @default "profile"
   */
  thp?: ("profile" | "keep" | "always" | "madvise" | "never" | null)
  /**
   * Which programs wait while memory is moved together for a huge page (transparent_hugepage/defrag).
   *
   * "profile", "keep", "always", "defer", "defer+madvise", "madvise" or "never". Environment: VELOZ_THP_DEFRAG. A change: live at once.
   *
   * @default "profile"
   */
  thp_defrag?: ("profile" | "keep" | "always" | "defer" | "defer+madvise" | "madvise" | "never" | null)
  /**
   * CPUs that handle interrupts, by the number of the interrupt, the network interface, or the name in /proc/interrupts with asterisks: { "eth0": [0] }.
   *
   * A change: live at once.
   *
   * @default {}
   */
  irq_affinity?: ({
    /**
     * CPUs that may handle them.
     *
     * @minItems 1
     *
     * Items: Number of a CPU, as the kernel counts them.
     */
    [k: string]: number[]
  } | null)
  /**
   * CPUs that packets of a network interface are spread over after its interrupt (RPS): { "eth0": [0, 1] }.
   *
   * A change: live at once.
   *
   * @default {}
   */
  rps?: ({
    /**
     * CPUs that may handle its packets.
     *
     * @minItems 1
     *
     * Items: Number of a CPU, as the kernel counts them.
     */
    [k: string]: number[]
  } | null)
  /**
   * Refuse to start when a value cannot be set, and take what this machine lacks for that. Without it an engine starts all the same, sets nothing, and says why.
   *
   * Environment: VELOZ_KERNEL_STRICT. A change: live at once.
   *
   * @default false
   */
  strict?: (boolean | null)
  /**
   * What becomes of a value that somebody else changes while the engine runs: "yield" leaves it to them, "reassert" sets it again, "fail" stops the engine.
   *
   * "yield", "reassert" or "fail". Environment: VELOZ_KERNEL_DRIFT. A change: live at once.
   *
   * @default "yield"
   */
  drift?: ("yield" | "reassert" | "fail" | null)
  /**
   * How often the values are read again; 0 is never.
   *
   * Unit: s. An integer from 0 to 86400. Environment: VELOZ_KERNEL_RECHECK. A change: live at once.
   *
   * @default 10
   */
  recheck_seconds?: (number | null)
}

/**
 * Values of the kernel as a desired state: planned, applied when permitted, verified, and always put back.
 */
export interface KernelTuningOptions {
  /**
   * "plan" says what would change and changes nothing; "apply" sets the values, and puts them back when the engine stops. A request over HTTP cannot turn it to "apply".
   *
   * "plan" or "apply". Environment: VELOZ_KERNEL_TUNING. A change: live at once.
   *
   * @default "plan"
   */
  mode: ("plan" | "apply")
  /**
   * Values of the catalogue for a purpose, each with its reason in GET /api/tuning; "none" asks for no value.
   *
   * "none", "low-latency" or "high-throughput". Environment: VELOZ_KERNEL_PROFILE. A change: live at once.
   *
   * @default "none"
   */
  profile: ("none" | "low-latency" | "high-throughput")
  /**
   * Wanted values by sysctl name, such as "net.core.somaxconn": 4096. They win over the profile. ">=" before numbers only raises them; "keep" leaves the value as it is.
   *
   * A change: live at once.
   *
   * @default {}
   */
  sysctl: {
    /**
     * The value as it is written to /proc/sys, ">=16777216" or ">=4096 131072 16777216" to only raise, or "keep".
     */
    [k: string]: string | number
  }
  /**
   * How the clock of the CPUs follows their load, such as "performance"; "keep" leaves it, "profile" is what the profile says.
   *
   * Environment: VELOZ_GOVERNOR. A change: live at once.
   *
   * @default "profile"
   */
  governor: string
  /**
   * Sleep states (C-states) of the CPUs that take longer than this to wake up from are switched off; "keep" leaves them, "profile" is what the profile says.
   *
   * Unit: us. An integer from 0 to 999999 or text that matches ^(profile|keep|[0-9]{1,6})$. Environment: VELOZ_IDLE_EXIT_LATENCY. A change: live at once.
   *
   * @default "profile"
   */
  idle_exit_latency: (number | string)
  /**
   * Whose memory may become huge pages (transparent_hugepage/enabled).
   *
   * "profile", "keep", "always", "madvise" or "never". Environment: VELOZ_THP. A change: live at once.
   *
   * @default "profile"
   */
  thp: ("profile" | "keep" | "always" | "madvise" | "never")
  /**
   * Which programs wait while memory is moved together for a huge page (transparent_hugepage/defrag).
   *
   * "profile", "keep", "always", "defer", "defer+madvise", "madvise" or "never". Environment: VELOZ_THP_DEFRAG. A change: live at once.
   *
   * @default "profile"
   */
  thp_defrag: ("profile" | "keep" | "always" | "defer" | "defer+madvise" | "madvise" | "never")
  /**
   * CPUs that handle interrupts, by the number of the interrupt, the network interface, or the name in /proc/interrupts with asterisks: { "eth0": [0] }.
   *
   * A change: live at once.
   *
   * @default {}
   */
  irq_affinity: {
    /**
     * CPUs that may handle them.
     *
     * @minItems 1
     *
     * Items: Number of a CPU, as the kernel counts them.
     */
    [k: string]: number[]
  }
  /**
   * CPUs that packets of a network interface are spread over after its interrupt (RPS): { "eth0": [0, 1] }.
   *
   * A change: live at once.
   *
   * @default {}
   */
  rps: {
    /**
     * CPUs that may handle its packets.
     *
     * @minItems 1
     *
     * Items: Number of a CPU, as the kernel counts them.
     */
    [k: string]: number[]
  }
  /**
   * Refuse to start when a value cannot be set, and take what this machine lacks for that. Without it an engine starts all the same, sets nothing, and says why.
   *
   * Environment: VELOZ_KERNEL_STRICT. A change: live at once.
   *
   * @default false
   */
  strict: boolean
  /**
   * What becomes of a value that somebody else changes while the engine runs: "yield" leaves it to them, "reassert" sets it again, "fail" stops the engine.
   *
   * "yield", "reassert" or "fail". Environment: VELOZ_KERNEL_DRIFT. A change: live at once.
   *
   * @default "yield"
   */
  drift: ("yield" | "reassert" | "fail")
  /**
   * How often the values are read again; 0 is never.
   *
   * Unit: s. An integer from 0 to 86400. Environment: VELOZ_KERNEL_RECHECK. A change: live at once.
   *
   * @default 10
   */
  recheck_seconds: number
}

/**
 * The market path: how book updates travel from the venue to the strategies.
 */
export interface MarketDataSettings {
  /**
   * Least time between two notifications of one symbol. The stage exists only when this is above 0; the book itself applies every update.
   *
   * Unit: us. An integer from 0 to 10000000. Environment: VELOZ_UPDATE_THROTTLE_US. A change: the pipeline is composed anew.
   *
   * @default 0
   */
  update_throttle_us?: (number | null)
  /**
   * Number of price levels a side that are published. The book keeps all of them.
   *
   * Unit: levels. An integer from 1 to 5000. Environment: VELOZ_ORDER_BOOK_DEPTH. A change: live at once.
   *
   * @default 10
   */
  order_book_depth?: (number | null)
  /**
   * Keep only the newest of the updates of a symbol that wait for the strategies. Trades and execution reports are never conflated.
   *
   * Environment: VELOZ_CONFLATE_UPDATES. A change: the pipeline is composed anew.
   *
   * @default false
   */
  conflate_updates?: (boolean | null)
  /**
   * Subscribe to differences (true) or to snapshots of the top of the book (false).
   *
   * Environment: VELOZ_USE_INCREMENTAL_UPDATES. A change: the plugin is started anew.
   *
   * @default true
   */
  use_incremental_updates?: (boolean | null)
}

/**
 * The market path: how book updates travel from the venue to the strategies.
 */
export interface MarketDataOptions {
  /**
   * Least time between two notifications of one symbol. The stage exists only when this is above 0; the book itself applies every update.
   *
   * Unit: us. An integer from 0 to 10000000. Environment: VELOZ_UPDATE_THROTTLE_US. A change: the pipeline is composed anew.
   *
   * @default 0
   */
  update_throttle_us: number
  /**
   * Number of price levels a side that are published. The book keeps all of them.
   *
   * Unit: levels. An integer from 1 to 5000. Environment: VELOZ_ORDER_BOOK_DEPTH. A change: live at once.
   *
   * @default 10
   */
  order_book_depth: number
  /**
   * Keep only the newest of the updates of a symbol that wait for the strategies. Trades and execution reports are never conflated.
   *
   * Environment: VELOZ_CONFLATE_UPDATES. A change: the pipeline is composed anew.
   *
   * @default false
   */
  conflate_updates: boolean
  /**
   * Subscribe to differences (true) or to snapshots of the top of the book (false).
   *
   * Environment: VELOZ_USE_INCREMENTAL_UPDATES. A change: the plugin is started anew.
   *
   * @default true
   */
  use_incremental_updates: boolean
}

/**
 * Memory: pools of orders, market records and ids, which keep the hot path from allocating, and how the system treats this process's memory.
 */
export interface MemoryPoolsSettings {
  /**
   * Slots for open orders, in segments of at most 1,024. Orders beyond them live on the heap, and are counted.
   *
   * Unit: orders. An integer from 1 to 1048576. Environment: VELOZ_ORDER_POOL_SIZE. A change: live at once.
   *
   * @default 16384
   */
  order_pool_size?: (number | null)
  /**
   * Market records between receipt and the end of their handling, each reckoned with 128 bytes. Those beyond wait in a bounded spill, and are counted.
   *
   * Unit: records. An integer from 1 to 8388608. Environment: VELOZ_MARKET_EVENT_POOL_SIZE. A change: live at once.
   *
   * @default 65536
   */
  market_event_pool_size?: (number | null)
  /**
   * Room for client and venue order ids, two for each open order. Ids beyond it live on the heap, and are counted.
   *
   * Unit: MiB. An integer from 1 to 4096. Environment: VELOZ_STRING_POOL_SIZE_MB. A change: live at once.
   *
   * @default 16
   */
  string_pool_size_mb?: (number | null)
  /**
   * Touch every page of the pools ahead, so that no first use waits for the kernel. It shows in RSS.
   *
   * Environment: VELOZ_PREALLOCATE. A change: live at once.
   *
   * @default false
   */
  preallocate?: (boolean | null)
  /**
   * Pages of 2 MiB: "pools" asks for them for the pools, and touches those ahead, "never" takes none even where the system gives them to all programs, "system" leaves it. Fewer misses of the address cache, for a slower first touch. V8's heaps never ask.
   *
   * "system", "pools" or "never". Environment: VELOZ_HUGE_PAGES. A change: live at once.
   *
   * @default "system"
   */
  huge_pages?: ("system" | "pools" | "never" | null)
  /**
   * Keep the memory of the pools in RAM, touched ahead, so that none is swapped out (mlock). Needs CAP_IPC_LOCK, or a limit above their size (ulimit -l). V8's heaps are left out: it ends the process when a page of its own is locked.
   *
   * Environment: VELOZ_LOCK_MEMORY. A change: live at once.
   *
   * @default false
   */
  lock_memory?: (boolean | null)
  /**
   * How readily the kernel ends the engine when memory is short, from -1000, which is never, to 1000; 0 leaves it. Below the present value it needs CAP_SYS_RESOURCE.
   *
   * An integer from -1000 to 1000. Environment: VELOZ_OOM_SCORE_ADJ. A change: live at once.
   *
   * @default 0
   */
  oom_score_adj?: (number | null)
  /**
   * Half of the space that new objects of a hot thread lie in until V8 looks which of them live on; 0 leaves it to V8 (16 MiB). Larger is fewer, and with few survivors shorter, collections.
   *
   * Unit: MiB. An integer from 0 to 1024. Environment: VELOZ_SEMI_SPACE_MB. A change: new hot threads take over.
   *
   * @default 0
   */
  semi_space_mb?: (number | null)
}

/**
 * Memory: pools of orders, market records and ids, which keep the hot path from allocating, and how the system treats this process's memory.
 */
export interface MemoryPoolsOptions {
  /**
   * Slots for open orders, in segments of at most 1,024. Orders beyond them live on the heap, and are counted.
   *
   * Unit: orders. An integer from 1 to 1048576. Environment: VELOZ_ORDER_POOL_SIZE. A change: live at once.
   *
   * @default 16384
   */
  order_pool_size: number
  /**
   * Market records between receipt and the end of their handling, each reckoned with 128 bytes. Those beyond wait in a bounded spill, and are counted.
   *
   * Unit: records. An integer from 1 to 8388608. Environment: VELOZ_MARKET_EVENT_POOL_SIZE. A change: live at once.
   *
   * @default 65536
   */
  market_event_pool_size: number
  /**
   * Room for client and venue order ids, two for each open order. Ids beyond it live on the heap, and are counted.
   *
   * Unit: MiB. An integer from 1 to 4096. Environment: VELOZ_STRING_POOL_SIZE_MB. A change: live at once.
   *
   * @default 16
   */
  string_pool_size_mb: number
  /**
   * Touch every page of the pools ahead, so that no first use waits for the kernel. It shows in RSS.
   *
   * Environment: VELOZ_PREALLOCATE. A change: live at once.
   *
   * @default false
   */
  preallocate: boolean
  /**
   * Pages of 2 MiB: "pools" asks for them for the pools, and touches those ahead, "never" takes none even where the system gives them to all programs, "system" leaves it. Fewer misses of the address cache, for a slower first touch. V8's heaps never ask.
   *
   * "system", "pools" or "never". Environment: VELOZ_HUGE_PAGES. A change: live at once.
   *
   * @default "system"
   */
  huge_pages: ("system" | "pools" | "never")
  /**
   * Keep the memory of the pools in RAM, touched ahead, so that none is swapped out (mlock). Needs CAP_IPC_LOCK, or a limit above their size (ulimit -l). V8's heaps are left out: it ends the process when a page of its own is locked.
   *
   * Environment: VELOZ_LOCK_MEMORY. A change: live at once.
   *
   * @default false
   */
  lock_memory: boolean
  /**
   * How readily the kernel ends the engine when memory is short, from -1000, which is never, to 1000; 0 leaves it. Below the present value it needs CAP_SYS_RESOURCE.
   *
   * An integer from -1000 to 1000. Environment: VELOZ_OOM_SCORE_ADJ. A change: live at once.
   *
   * @default 0
   */
  oom_score_adj: number
  /**
   * Half of the space that new objects of a hot thread lie in until V8 looks which of them live on; 0 leaves it to V8 (16 MiB). Larger is fewer, and with few survivors shorter, collections.
   *
   * Unit: MiB. An integer from 0 to 1024. Environment: VELOZ_SEMI_SPACE_MB. A change: new hot threads take over.
   *
   * @default 0
   */
  semi_space_mb: number
}

/**
 * The HTTP API: orders, books, latencies and the running configuration.
 */
export interface MetricsApiSettings {
  /**
   * Address that the server binds. Anything but a loopback address opens the order API to the network.
   *
   * Environment: VELOZ_HOST. A change: the plugin is started anew.
   *
   * @default "127.0.0.1"
   */
  host?: (string | null)
  /**
   * Port that the server listens on; 0 takes a free one.
   *
   * An integer from 0 to 65535. Environment: VELOZ_PORT. A change: the plugin is started anew.
   *
   * @default 8080
   */
  port?: (number | null)
}

/**
 * The HTTP API: orders, books, latencies and the running configuration.
 */
export interface MetricsApiOptions {
  /**
   * Address that the server binds. Anything but a loopback address opens the order API to the network.
   *
   * Environment: VELOZ_HOST. A change: the plugin is started anew.
   *
   * @default "127.0.0.1"
   */
  host: string
  /**
   * Port that the server listens on; 0 takes a free one.
   *
   * An integer from 0 to 65535. Environment: VELOZ_PORT. A change: the plugin is started anew.
   *
   * @default 8080
   */
  port: number
}

/**
 * Socket options of the venue connections, set on live sockets and read back.
 */
export interface NetTuningSettings {
  /**
   * Send small frames at once (TCP_NODELAY) instead of waiting for the ack of the frame before.
   *
   * Environment: VELOZ_TCP_NODELAY. A change: live at once.
   *
   * @default true
   */
  tcp_nodelay?: (boolean | null)
  /**
   * Size of the receive buffer (SO_RCVBUF); 0 leaves it to the kernel, which sizes it by the traffic as long as nobody sets it. No more than net.core.rmem_max.
   *
   * Unit: bytes. An integer from 0 to 1073741824. Environment: VELOZ_SOCKET_RECV_BUFFER. A change: live at once.
   *
   * @default 0
   */
  recv_buffer?: (number | null)
  /**
   * Size of the send buffer (SO_SNDBUF); 0 leaves it to the kernel. No more than net.core.wmem_max.
   *
   * Unit: bytes. An integer from 0 to 1073741824. Environment: VELOZ_SOCKET_SEND_BUFFER. A change: live at once.
   *
   * @default 0
   */
  send_buffer?: (number | null)
  /**
   * Set recv_buffer and send_buffer past net.core.rmem_max and wmem_max (SO_RCVBUFFORCE, SO_SNDBUFFORCE). Needs CAP_NET_ADMIN; without it the limits hold.
   *
   * Environment: VELOZ_FORCE_BUFFERS. A change: live at once.
   *
   * @default false
   */
  force_buffers?: (boolean | null)
  /**
   * Time between probes of the kernel whether a silent peer is alive (TCP_KEEPINTVL), and idle time before the first one unless keepalive_idle says otherwise. 0 turns them off.
   *
   * Unit: s. An integer from 0 to 32767. Environment: VELOZ_KEEPALIVE_INTERVAL. A change: live at once.
   *
   * @default 30
   */
  keepalive_interval?: (number | null)
  /**
   * Idle time before the first probe (TCP_KEEPIDLE); 0 takes keepalive_interval.
   *
   * Unit: s. An integer from 0 to 32767. Environment: VELOZ_KEEPALIVE_IDLE. A change: live at once.
   *
   * @default 0
   */
  keepalive_idle?: (number | null)
  /**
   * Probes without an answer until the connection is dropped and opened anew (TCP_KEEPCNT). With a tcp_user_timeout that one decides.
   *
   * Unit: probes. An integer from 1 to 127. Environment: VELOZ_KEEPALIVE_COUNT. A change: live at once.
   *
   * @default 3
   */
  keepalive_count?: (number | null)
  /**
   * How long what was sent may stay without an ack until the connection is dropped and opened anew (TCP_USER_TIMEOUT), instead of some 15 minutes; 0 leaves it to the kernel. Latency: 5000, a venue that is silent so long is gone. Throughput: 30000.
   *
   * Unit: ms. An integer from 0 to 2147483647. Environment: VELOZ_TCP_USER_TIMEOUT. A change: live at once.
   *
   * @default 0
   */
  tcp_user_timeout?: (number | null)
  /**
   * Bytes that may wait in the kernel without having been sent (TCP_NOTSENT_LOWAT); more waits in the engine, where cancels can still go first. 0 leaves it to net.ipv4.tcp_notsent_lowat. Latency: 16384. Throughput: 131072.
   *
   * Unit: bytes. An integer from 0 to 2147483647. Environment: VELOZ_TCP_NOTSENT_LOWAT. A change: live at once.
   *
   * @default 0
   */
  tcp_notsent_lowat?: (number | null)
  /**
   * How long a read without data asks the network card itself instead of waiting for its interrupt (SO_BUSY_POLL); 0 leaves it to net.core.busy_read. More than that needs CAP_NET_ADMIN. Latency on a card that supports it: 50. No effect on loopback.
   *
   * Unit: us. An integer from 0 to 1000000. Environment: VELOZ_BUSY_POLL. A change: live at once.
   *
   * @default 0
   */
  busy_poll?: (number | null)
  /**
   * Let such polling hold back the card's interrupts (SO_PREFER_BUSY_POLL). Needs CAP_NET_ADMIN. No effect on loopback.
   *
   * Environment: VELOZ_PREFER_BUSY_POLL. A change: live at once.
   *
   * @default false
   */
  prefer_busy_poll?: (boolean | null)
  /**
   * Mark on every packet (IP_TOS, IPV6_TCLASS), for networks that tell traffic apart by it: 184 (0xb8) is expedited forwarding. The two lowest bits belong to the kernel. 0 is no mark.
   *
   * An integer from 0 to 255. Environment: VELOZ_IP_TOS. A change: live at once.
   *
   * @default 0
   */
  ip_tos?: (number | null)
  /**
   * Queue of this machine that packets leave by (SO_PRIORITY), where the queueing discipline has several; 0 is what ip_tos implies. More than 6 needs CAP_NET_ADMIN.
   *
   * An integer from 0 to 15. Environment: VELOZ_SOCKET_PRIORITY. A change: live at once.
   *
   * @default 0
   */
  socket_priority?: (number | null)
  /**
   * Congestion control (TCP_CONGESTION), such as "bbr" or "cubic"; "" leaves it to net.ipv4.tcp_congestion_control.
   *
   * Text that matches ^[a-z0-9_-]*$. Environment: VELOZ_TCP_CONGESTION. A change: live at once.
   *
   * @default ""
   */
  tcp_congestion?: (string | null)
}

/**
 * Socket options of the venue connections, set on live sockets and read back.
 */
export interface NetTuningOptions {
  /**
   * Send small frames at once (TCP_NODELAY) instead of waiting for the ack of the frame before.
   *
   * Environment: VELOZ_TCP_NODELAY. A change: live at once.
   *
   * @default true
   */
  tcp_nodelay: boolean
  /**
   * Size of the receive buffer (SO_RCVBUF); 0 leaves it to the kernel, which sizes it by the traffic as long as nobody sets it. No more than net.core.rmem_max.
   *
   * Unit: bytes. An integer from 0 to 1073741824. Environment: VELOZ_SOCKET_RECV_BUFFER. A change: live at once.
   *
   * @default 0
   */
  recv_buffer: number
  /**
   * Size of the send buffer (SO_SNDBUF); 0 leaves it to the kernel. No more than net.core.wmem_max.
   *
   * Unit: bytes. An integer from 0 to 1073741824. Environment: VELOZ_SOCKET_SEND_BUFFER. A change: live at once.
   *
   * @default 0
   */
  send_buffer: number
  /**
   * Set recv_buffer and send_buffer past net.core.rmem_max and wmem_max (SO_RCVBUFFORCE, SO_SNDBUFFORCE). Needs CAP_NET_ADMIN; without it the limits hold.
   *
   * Environment: VELOZ_FORCE_BUFFERS. A change: live at once.
   *
   * @default false
   */
  force_buffers: boolean
  /**
   * Time between probes of the kernel whether a silent peer is alive (TCP_KEEPINTVL), and idle time before the first one unless keepalive_idle says otherwise. 0 turns them off.
   *
   * Unit: s. An integer from 0 to 32767. Environment: VELOZ_KEEPALIVE_INTERVAL. A change: live at once.
   *
   * @default 30
   */
  keepalive_interval: number
  /**
   * Idle time before the first probe (TCP_KEEPIDLE); 0 takes keepalive_interval.
   *
   * Unit: s. An integer from 0 to 32767. Environment: VELOZ_KEEPALIVE_IDLE. A change: live at once.
   *
   * @default 0
   */
  keepalive_idle: number
  /**
   * Probes without an answer until the connection is dropped and opened anew (TCP_KEEPCNT). With a tcp_user_timeout that one decides.
   *
   * Unit: probes. An integer from 1 to 127. Environment: VELOZ_KEEPALIVE_COUNT. A change: live at once.
   *
   * @default 3
   */
  keepalive_count: number
  /**
   * How long what was sent may stay without an ack until the connection is dropped and opened anew (TCP_USER_TIMEOUT), instead of some 15 minutes; 0 leaves it to the kernel. Latency: 5000, a venue that is silent so long is gone. Throughput: 30000.
   *
   * Unit: ms. An integer from 0 to 2147483647. Environment: VELOZ_TCP_USER_TIMEOUT. A change: live at once.
   *
   * @default 0
   */
  tcp_user_timeout: number
  /**
   * Bytes that may wait in the kernel without having been sent (TCP_NOTSENT_LOWAT); more waits in the engine, where cancels can still go first. 0 leaves it to net.ipv4.tcp_notsent_lowat. Latency: 16384. Throughput: 131072.
   *
   * Unit: bytes. An integer from 0 to 2147483647. Environment: VELOZ_TCP_NOTSENT_LOWAT. A change: live at once.
   *
   * @default 0
   */
  tcp_notsent_lowat: number
  /**
   * How long a read without data asks the network card itself instead of waiting for its interrupt (SO_BUSY_POLL); 0 leaves it to net.core.busy_read. More than that needs CAP_NET_ADMIN. Latency on a card that supports it: 50. No effect on loopback.
   *
   * Unit: us. An integer from 0 to 1000000. Environment: VELOZ_BUSY_POLL. A change: live at once.
   *
   * @default 0
   */
  busy_poll: number
  /**
   * Let such polling hold back the card's interrupts (SO_PREFER_BUSY_POLL). Needs CAP_NET_ADMIN. No effect on loopback.
   *
   * Environment: VELOZ_PREFER_BUSY_POLL. A change: live at once.
   *
   * @default false
   */
  prefer_busy_poll: boolean
  /**
   * Mark on every packet (IP_TOS, IPV6_TCLASS), for networks that tell traffic apart by it: 184 (0xb8) is expedited forwarding. The two lowest bits belong to the kernel. 0 is no mark.
   *
   * An integer from 0 to 255. Environment: VELOZ_IP_TOS. A change: live at once.
   *
   * @default 0
   */
  ip_tos: number
  /**
   * Queue of this machine that packets leave by (SO_PRIORITY), where the queueing discipline has several; 0 is what ip_tos implies. More than 6 needs CAP_NET_ADMIN.
   *
   * An integer from 0 to 15. Environment: VELOZ_SOCKET_PRIORITY. A change: live at once.
   *
   * @default 0
   */
  socket_priority: number
  /**
   * Congestion control (TCP_CONGESTION), such as "bbr" or "cubic"; "" leaves it to net.ipv4.tcp_congestion_control.
   *
   * Text that matches ^[a-z0-9_-]*$. Environment: VELOZ_TCP_CONGESTION. A change: live at once.
   *
   * @default ""
   */
  tcp_congestion: string
}

/**
 * The order path: batching and checks between a strategy's order and the venue's socket.
 */
export interface OrderProcessingSettings {
  /**
   * Order frames in one socket write. The stage exists only when this is above 1.
   *
   * Unit: frames. An integer from 1 to 1000. Environment: VELOZ_BATCH_SIZE. A change: the pipeline is composed anew.
   *
   * @default 1
   */
  batch_size?: (number | null)
  /**
   * Longest time that an incomplete batch waits before it is written.
   *
   * Unit: us. An integer from 0 to 1000000. Environment: VELOZ_BATCH_WAIT_US. A change: live at once.
   *
   * @default 100
   */
  batch_wait_us?: (number | null)
  /**
   * Run the risk checks that are declared deferrable after the send; a late deny cancels the order. Limits, balances and the kill switch always run before it.
   *
   * Environment: VELOZ_ASYNC_RISK_CHECK. A change: the pipeline is composed anew.
   *
   * @default false
   */
  async_risk_check?: (boolean | null)
  /**
   * Leave out the validation of orders that the typed order API built, since those are valid by construction. Orders that arrive over HTTP are always validated.
   *
   * Environment: VELOZ_SKIP_REDUNDANT_VALIDATION. A change: the pipeline is composed anew.
   *
   * @default false
   */
  skip_redundant_validation?: (boolean | null)
  /**
   * Speak SBE instead of JSON with the venue, where its adapter can.
   *
   * Environment: VELOZ_USE_BINARY_PROTOCOL. A change: the pipeline is composed anew.
   *
   * @default false
   */
  use_binary_protocol?: (boolean | null)
  /**
   * Largest quantity of one order; 0 is no limit.
   *
   * Unit: base asset. A decimal number of at least 0. Environment: VELOZ_MAX_ORDER_QTY. A change: live at once.
   *
   * @default "0"
   */
  max_order_qty?: (string | number | null)
  /**
   * Largest price times quantity of one order; 0 is no limit.
   *
   * Unit: quote asset. A decimal number of at least 0. Environment: VELOZ_MAX_ORDER_NOTIONAL. A change: live at once.
   *
   * @default "1000000"
   */
  max_order_notional?: (string | number | null)
  /**
   * Largest distance of a limit price from the middle of the book; 0 is no limit.
   *
   * Unit: percent. A number from 0 to 10000. Environment: VELOZ_PRICE_BAND_PCT. A change: live at once.
   *
   * @default 50
   */
  price_band_pct?: (number | null)
  /**
   * Largest number of open orders; 0 is no limit.
   *
   * Unit: orders. An integer from 0 to 1000000. Environment: VELOZ_MAX_OPEN_ORDERS. A change: live at once.
   *
   * @default 1000
   */
  max_open_orders?: (number | null)
  /**
   * Largest number of new orders in one second; 0 is no limit. Cancels always pass.
   *
   * Unit: orders/s. An integer from 0 to 1000000. Environment: VELOZ_MAX_ORDERS_PER_SECOND. A change: live at once.
   *
   * @default 10000
   */
  max_orders_per_second?: (number | null)
  /**
   * Cancel every open order when the engine stops.
   *
   * Environment: VELOZ_CANCEL_ON_STOP. A change: live at once.
   *
   * @default true
   */
  cancel_on_stop?: (boolean | null)
}

/**
 * The order path: batching and checks between a strategy's order and the venue's socket.
 */
export interface OrderProcessingOptions {
  /**
   * Order frames in one socket write. The stage exists only when this is above 1.
   *
   * Unit: frames. An integer from 1 to 1000. Environment: VELOZ_BATCH_SIZE. A change: the pipeline is composed anew.
   *
   * @default 1
   */
  batch_size: number
  /**
   * Longest time that an incomplete batch waits before it is written.
   *
   * Unit: us. An integer from 0 to 1000000. Environment: VELOZ_BATCH_WAIT_US. A change: live at once.
   *
   * @default 100
   */
  batch_wait_us: number
  /**
   * Run the risk checks that are declared deferrable after the send; a late deny cancels the order. Limits, balances and the kill switch always run before it.
   *
   * Environment: VELOZ_ASYNC_RISK_CHECK. A change: the pipeline is composed anew.
   *
   * @default false
   */
  async_risk_check: boolean
  /**
   * Leave out the validation of orders that the typed order API built, since those are valid by construction. Orders that arrive over HTTP are always validated.
   *
   * Environment: VELOZ_SKIP_REDUNDANT_VALIDATION. A change: the pipeline is composed anew.
   *
   * @default false
   */
  skip_redundant_validation: boolean
  /**
   * Speak SBE instead of JSON with the venue, where its adapter can.
   *
   * Environment: VELOZ_USE_BINARY_PROTOCOL. A change: the pipeline is composed anew.
   *
   * @default false
   */
  use_binary_protocol: boolean
  /**
   * Largest quantity of one order; 0 is no limit.
   *
   * Unit: base asset. A decimal number of at least 0. Environment: VELOZ_MAX_ORDER_QTY. A change: live at once.
   *
   * @default "0"
   */
  max_order_qty: (string | number)
  /**
   * Largest price times quantity of one order; 0 is no limit.
   *
   * Unit: quote asset. A decimal number of at least 0. Environment: VELOZ_MAX_ORDER_NOTIONAL. A change: live at once.
   *
   * @default "1000000"
   */
  max_order_notional: (string | number)
  /**
   * Largest distance of a limit price from the middle of the book; 0 is no limit.
   *
   * Unit: percent. A number from 0 to 10000. Environment: VELOZ_PRICE_BAND_PCT. A change: live at once.
   *
   * @default 50
   */
  price_band_pct: number
  /**
   * Largest number of open orders; 0 is no limit.
   *
   * Unit: orders. An integer from 0 to 1000000. Environment: VELOZ_MAX_OPEN_ORDERS. A change: live at once.
   *
   * @default 1000
   */
  max_open_orders: number
  /**
   * Largest number of new orders in one second; 0 is no limit. Cancels always pass.
   *
   * Unit: orders/s. An integer from 0 to 1000000. Environment: VELOZ_MAX_ORDERS_PER_SECOND. A change: live at once.
   *
   * @default 10000
   */
  max_orders_per_second: number
  /**
   * Cancel every open order when the engine stops.
   *
   * Environment: VELOZ_CANCEL_ON_STOP. A change: live at once.
   *
   * @default true
   */
  cancel_on_stop: boolean
}

/**
 * The default strategy: it keeps a quote on both sides near the touch, so that there is order flow to measure.
 */
export interface QuoterSettings {
  /**
   * New orders a second, both sides together; 0 pauses the quoter.
   *
   * Unit: orders/s. A number from 0 to 100000. Environment: VELOZ_QUOTER_ORDERS_PER_SECOND. A change: live at once.
   *
   * @default 50
   */
  orders_per_second?: (number | null)
  /**
   * Distance of each quote behind the best price of its side.
   *
   * Unit: ticks. An integer from 0 to 1000000. Environment: VELOZ_QUOTER_OFFSET_TICKS. A change: live at once.
   *
   * @default 5
   */
  offset_ticks?: (number | null)
  /**
   * Quantity of one quote.
   *
   * Unit: base asset. A decimal number above 0. Environment: VELOZ_QUOTER_QTY. A change: live at once.
   *
   * @default "0.001"
   */
  qty?: (string | number | null)
  /**
   * Symbol that is quoted; without it, the first of the configured ones.
   *
   * Text that matches ^[A-Z0-9]{2,20}$. Environment: VELOZ_QUOTER_SYMBOL. A change: the plugin is started anew.
   */
  symbol?: (string | null)
  /**
   * A quote that is older than this is replaced even if the touch has not moved.
   *
   * Unit: ms. An integer from 1 to 3600000. Environment: VELOZ_QUOTER_REFRESH_MS. A change: live at once.
   *
   * @default 1000
   */
  refresh_ms?: (number | null)
}

/**
 * The default strategy: it keeps a quote on both sides near the touch, so that there is order flow to measure.
 */
export interface QuoterOptions {
  /**
   * New orders a second, both sides together; 0 pauses the quoter.
   *
   * Unit: orders/s. A number from 0 to 100000. Environment: VELOZ_QUOTER_ORDERS_PER_SECOND. A change: live at once.
   *
   * @default 50
   */
  orders_per_second: number
  /**
   * Distance of each quote behind the best price of its side.
   *
   * Unit: ticks. An integer from 0 to 1000000. Environment: VELOZ_QUOTER_OFFSET_TICKS. A change: live at once.
   *
   * @default 5
   */
  offset_ticks: number
  /**
   * Quantity of one quote.
   *
   * Unit: base asset. A decimal number above 0. Environment: VELOZ_QUOTER_QTY. A change: live at once.
   *
   * @default "0.001"
   */
  qty: (string | number)
  /**
   * Symbol that is quoted; without it, the first of the configured ones.
   *
   * Text that matches ^[A-Z0-9]{2,20}$. Environment: VELOZ_QUOTER_SYMBOL. A change: the plugin is started anew.
   */
  symbol?: string
  /**
   * A quote that is older than this is replaced even if the touch has not moved.
   *
   * Unit: ms. An integer from 1 to 3600000. Environment: VELOZ_QUOTER_REFRESH_MS. A change: live at once.
   *
   * @default 1000
   */
  refresh_ms: number
}

/**
 * The embedded exchange: a process of its own that speaks the Binance Spot protocol over loopback, with a generated market and an account to trade with. It runs while the venue is "sim".
 */
export interface SimExchangeSettings {
  /**
   * Address that the exchange listens on. Whoever reaches it can read its market and use its accounts' keys.
   *
   * Environment: VELOZ_EXCHANGE_HOST. A change: new hot threads take over.
   *
   * @default "127.0.0.1"
   */
  host?: (string | null)
  /**
   * TCP port that the exchange listens on, 0 to 65535; 0 takes one that is free.
   *
   * An integer from 0 to 65535. Environment: VELOZ_EXCHANGE_PORT. A change: new hot threads take over.
   *
   * @default 0
   */
  port?: (number | null)
  /**
   * Symbols that are traded there; without it, those that the engine trades.
   *
   * A list of 1 or more whose items are each text that matches ^[A-Z0-9]{2,20}$. Environment: VELOZ_EXCHANGE_SYMBOLS. A change: live at once.
   *
   * @minItems 1
   */
  symbols?: (string[] | null)
  /**
   * How symbols are traded, by name. BTCUSDT, ETHUSDT, BNBUSDT, SOLUSDT and XRPUSDT are known and need an entry only for what is to differ.
   *
   * A change: new hot threads take over.
   *
   * @default {}
   */
  instruments?: ({
    /**
     * What is traded, and in which steps. Amounts are decimal text with at most eight decimals.
     */
    [k: string]: {
      /**
       * Asset that is bought and sold.
       */
      base_asset?: string
      /**
       * Asset that it is paid with.
       */
      quote_asset?: string
      /**
       * Step of prices. tick_size x lot_size must be a multiple of 0.00000001.
       */
      tick_size?: string
      /**
       * Step of quantities.
       */
      lot_size?: string
      /**
       * Price around which the generated market starts and wanders.
       */
      reference_price?: string
      /**
       * Highest price that is accepted, at most 2^27 ticks; 1000000 when left out.
       */
      max_price?: string
      /**
       * Largest quantity of an order; 9000 when left out.
       */
      max_quantity?: string
      /**
       * Least price x quantity of an order; 5 when left out.
       */
      min_notional?: string
      /**
       * Most price x quantity of a limit order, at most 90000000; 9000000 when left out.
       */
      max_notional?: string
    }
  } | null)
  /**
   * Where chance begins: the same seed makes the same market, event by event. 0 to 2^53 - 1.
   *
   * An integer of at least 0. Environment: VELOZ_EXCHANGE_SEED. A change: new hot threads take over.
   *
   * @default 1
   */
  seed?: (number | null)
  /**
   * Generated events a second for each symbol, each of which changes book or tape, 0 to 100000; 0 stands still. The volatility keeps to the rate that the market was started with.
   *
   * Unit: events/s. A number from 0 to 100000. Environment: VELOZ_EXCHANGE_EVENTS_PER_SECOND. A change: live at once.
   *
   * @default 500
   */
  events_per_second?: (number | null)
  /**
   * Prices with generated orders that are kept up on each side of a book, 1 to 20000.
   *
   * Unit: levels. An integer from 1 to 20000. Environment: VELOZ_EXCHANGE_DEPTH_LEVELS. A change: new hot threads take over.
   *
   * @default 500
   */
  depth_levels?: (number | null)
  /**
   * Standard deviation of the reference price over one second, in hundredths of a percent, 0 to 100.
   *
   * Unit: bps. A number from 0 to 100. Environment: VELOZ_EXCHANGE_VOLATILITY_BPS. A change: new hot threads take over.
   *
   * @default 0.5
   */
  volatility_bps?: (number | null)
  /**
   * Distance to the exchange: requests wait this long before they are handled, answers and events before they are sent, 0 to 10000. Timers have a resolution of about 1 ms.
   *
   * Unit: ms. A number from 0 to 10000. Environment: VELOZ_EXCHANGE_LATENCY_MS. A change: live at once.
   *
   * @default 0
   */
  latency_ms?: (number | null)
  /**
   * Refuses what goes beyond the venue's limits of requests and orders, with 429. The counts are told either way.
   *
   * Environment: VELOZ_EXCHANGE_RATE_LIMITS. A change: new hot threads take over.
   *
   * @default false
   */
  rate_limits?: (boolean | null)
  /**
   * Open orders that an account may have on a symbol, 1 to 100000; 200 as on the real exchange.
   *
   * Unit: orders. An integer from 1 to 100000. Environment: VELOZ_EXCHANGE_MAX_OPEN_ORDERS. A change: new hot threads take over.
   *
   * @default 200
   */
  max_open_orders?: (number | null)
  /**
   * Handles an order at a market of its own after each event, at most 600 a second, so that the orders of clients find warm code as at a venue that handles thousands a second. Without it an order that comes alone waits some 100 us longer; with it the exchange takes 2 % of a core more.
   *
   * Environment: VELOZ_EXCHANGE_REHEARSE_ORDERS. A change: new hot threads take over.
   *
   * @default true
   */
  rehearse_orders?: (boolean | null)
  /**
   * How often clients are pinged, 100 to 600000; who has not answered for three intervals is cut off.
   *
   * Unit: ms. An integer from 100 to 600000. Environment: VELOZ_EXCHANGE_PING_INTERVAL_MS. A change: new hot threads take over.
   *
   * @default 20000
   */
  ping_interval_ms?: (number | null)
  /**
   * Key of the account that the engine trades with; without it, one is made up at each start.
   *
   * Text that matches ^[A-Za-z0-9_-]{1,128}$. Environment: VELOZ_EXCHANGE_API_KEY. A change: new hot threads take over.
   */
  api_key?: (string | null)
  /**
   * HMAC secret of that account; without it, one is made up at each start and never shown. It opens play money only, and is shown with the rest of the configuration when it is set here.
   *
   * Environment: VELOZ_EXCHANGE_API_SECRET. A change: new hot threads take over.
   */
  api_secret?: (string | null)
  /**
   * What that account has at the start, by asset: decimal text from 0 to 90000000.
   *
   * A change: new hot threads take over.
   *
   * @default {"USDT":"1000000","BTC":"100","ETH":"1000","BNB":"1000","SOL":"10000","XRP":"1000000"}
   */
  balances?: ({
    /**
     * Free amount of an asset.
     */
    [k: string]: string
  } | null)
  /**
   * More accounts, for other clients.
   *
   * A list whose items are each an object. A change: new hot threads take over.
   *
   * @default []
   */
  accounts?: (UndefinedSettings[] | null)
}
/**
 * An account: its key, how its requests are signed, and what it has.
 */
export interface UndefinedSettings {
  /**
   * Key that its requests name.
   *
   * Text that matches ^[A-Za-z0-9_-]{1,128}$.
   */
  api_key: string
  /**
   * HMAC secret; either it or public_key.
   */
  api_secret?: string
  /**
   * PEM of an Ed25519 or RSA public key.
   */
  public_key?: string
  /**
   * Free amounts at the start, by asset.
   */
  balances?: {
    /**
     * Free amount of an asset.
     */
    [k: string]: string
  }
}

/**
 * The embedded exchange: a process of its own that speaks the Binance Spot protocol over loopback, with a generated market and an account to trade with. It runs while the venue is "sim".
 */
export interface SimExchangeOptions {
  /**
   * Address that the exchange listens on. Whoever reaches it can read its market and use its accounts' keys.
   *
   * Environment: VELOZ_EXCHANGE_HOST. A change: new hot threads take over.
   *
   * @default "127.0.0.1"
   */
  host: string
  /**
   * TCP port that the exchange listens on, 0 to 65535; 0 takes one that is free.
   *
   * An integer from 0 to 65535. Environment: VELOZ_EXCHANGE_PORT. A change: new hot threads take over.
   *
   * @default 0
   */
  port: number
  /**
   * Symbols that are traded there; without it, those that the engine trades.
   *
   * A list of 1 or more whose items are each text that matches ^[A-Z0-9]{2,20}$. Environment: VELOZ_EXCHANGE_SYMBOLS. A change: live at once.
   *
   * @minItems 1
   *
   * Items: A symbol, as the venue writes it.
   */
  symbols?: string[]
  /**
   * How symbols are traded, by name. BTCUSDT, ETHUSDT, BNBUSDT, SOLUSDT and XRPUSDT are known and need an entry only for what is to differ.
   *
   * A change: new hot threads take over.
   *
   * @default {}
   */
  instruments: {
    /**
     * What is traded, and in which steps. Amounts are decimal text with at most eight decimals.
     */
    [k: string]: {
      /**
       * Asset that is bought and sold.
       */
      base_asset?: string
      /**
       * Asset that it is paid with.
       */
      quote_asset?: string
      /**
       * Step of prices. tick_size x lot_size must be a multiple of 0.00000001.
       */
      tick_size?: string
      /**
       * Step of quantities.
       */
      lot_size?: string
      /**
       * Price around which the generated market starts and wanders.
       */
      reference_price?: string
      /**
       * Highest price that is accepted, at most 2^27 ticks; 1000000 when left out.
       */
      max_price?: string
      /**
       * Largest quantity of an order; 9000 when left out.
       */
      max_quantity?: string
      /**
       * Least price x quantity of an order; 5 when left out.
       */
      min_notional?: string
      /**
       * Most price x quantity of a limit order, at most 90000000; 9000000 when left out.
       */
      max_notional?: string
    }
  }
  /**
   * Where chance begins: the same seed makes the same market, event by event. 0 to 2^53 - 1.
   *
   * An integer of at least 0. Environment: VELOZ_EXCHANGE_SEED. A change: new hot threads take over.
   *
   * @default 1
   */
  seed: number
  /**
   * Generated events a second for each symbol, each of which changes book or tape, 0 to 100000; 0 stands still. The volatility keeps to the rate that the market was started with.
   *
   * Unit: events/s. A number from 0 to 100000. Environment: VELOZ_EXCHANGE_EVENTS_PER_SECOND. A change: live at once.
   *
   * @default 500
   */
  events_per_second: number
  /**
   * Prices with generated orders that are kept up on each side of a book, 1 to 20000.
   *
   * Unit: levels. An integer from 1 to 20000. Environment: VELOZ_EXCHANGE_DEPTH_LEVELS. A change: new hot threads take over.
   *
   * @default 500
   */
  depth_levels: number
  /**
   * Standard deviation of the reference price over one second, in hundredths of a percent, 0 to 100.
   *
   * Unit: bps. A number from 0 to 100. Environment: VELOZ_EXCHANGE_VOLATILITY_BPS. A change: new hot threads take over.
   *
   * @default 0.5
   */
  volatility_bps: number
  /**
   * Distance to the exchange: requests wait this long before they are handled, answers and events before they are sent, 0 to 10000. Timers have a resolution of about 1 ms.
   *
   * Unit: ms. A number from 0 to 10000. Environment: VELOZ_EXCHANGE_LATENCY_MS. A change: live at once.
   *
   * @default 0
   */
  latency_ms: number
  /**
   * Refuses what goes beyond the venue's limits of requests and orders, with 429. The counts are told either way.
   *
   * Environment: VELOZ_EXCHANGE_RATE_LIMITS. A change: new hot threads take over.
   *
   * @default false
   */
  rate_limits: boolean
  /**
   * Open orders that an account may have on a symbol, 1 to 100000; 200 as on the real exchange.
   *
   * Unit: orders. An integer from 1 to 100000. Environment: VELOZ_EXCHANGE_MAX_OPEN_ORDERS. A change: new hot threads take over.
   *
   * @default 200
   */
  max_open_orders: number
  /**
   * Handles an order at a market of its own after each event, at most 600 a second, so that the orders of clients find warm code as at a venue that handles thousands a second. Without it an order that comes alone waits some 100 us longer; with it the exchange takes 2 % of a core more.
   *
   * Environment: VELOZ_EXCHANGE_REHEARSE_ORDERS. A change: new hot threads take over.
   *
   * @default true
   */
  rehearse_orders: boolean
  /**
   * How often clients are pinged, 100 to 600000; who has not answered for three intervals is cut off.
   *
   * Unit: ms. An integer from 100 to 600000. Environment: VELOZ_EXCHANGE_PING_INTERVAL_MS. A change: new hot threads take over.
   *
   * @default 20000
   */
  ping_interval_ms: number
  /**
   * Key of the account that the engine trades with; without it, one is made up at each start.
   *
   * Text that matches ^[A-Za-z0-9_-]{1,128}$. Environment: VELOZ_EXCHANGE_API_KEY. A change: new hot threads take over.
   */
  api_key?: string
  /**
   * HMAC secret of that account; without it, one is made up at each start and never shown. It opens play money only, and is shown with the rest of the configuration when it is set here.
   *
   * Environment: VELOZ_EXCHANGE_API_SECRET. A change: new hot threads take over.
   */
  api_secret?: string
  /**
   * What that account has at the start, by asset: decimal text from 0 to 90000000.
   *
   * A change: new hot threads take over.
   *
   * @default {"USDT":"1000000","BTC":"100","ETH":"1000","BNB":"1000","SOL":"10000","XRP":"1000000"}
   */
  balances: {
    /**
     * Free amount of an asset.
     */
    [k: string]: string
  }
  /**
   * More accounts, for other clients.
   *
   * A list whose items are each an object. A change: new hot threads take over.
   *
   * @default []
   */
  accounts: UndefinedOptions[]
}
/**
 * An account: its key, how its requests are signed, and what it has.
 */
export interface UndefinedOptions {
  /**
   * Key that its requests name.
   *
   * Text that matches ^[A-Za-z0-9_-]{1,128}$.
   */
  api_key: string
  /**
   * HMAC secret; either it or public_key.
   */
  api_secret?: string
  /**
   * PEM of an Ed25519 or RSA public key.
   */
  public_key?: string
  /**
   * Free amounts at the start, by asset.
   */
  balances?: {
    /**
     * Free amount of an asset.
     */
    [k: string]: string
  }
}

/**
 * Plugins by name, with their options. Those of others are added by .veloz/types.d.ts, which the engine keeps.
 */
export interface PluginOptions {
  /**
   * Alerts on the engine's own measurements.
   */
  "alerts"?: AlertsSettings | boolean | null
  /**
   * The adapter that speaks the Binance Spot protocol, with the exchange itself or with the embedded one. Credentials are never options: they come from VELOZ_API_KEY and VELOZ_API_SECRET or from key_file.
   */
  "binance"?: BinanceSettings | boolean | null
  /**
   * Which cores the threads run on, and with which priority.
   */
  "cpu-affinity"?: CpuAffinitySettings | boolean | null
  /**
   * Values of the kernel as a desired state: planned, applied when permitted, verified, and always put back.
   */
  "kernel-tuning"?: KernelTuningSettings | boolean | null
  /**
   * The market path: how book updates travel from the venue to the strategies.
   */
  "market-data"?: MarketDataSettings | boolean | null
  /**
   * Memory: pools of orders, market records and ids, which keep the hot path from allocating, and how the system treats this process's memory.
   */
  "memory-pools"?: MemoryPoolsSettings | boolean | null
  /**
   * The HTTP API: orders, books, latencies and the running configuration.
   */
  "metrics-api"?: MetricsApiSettings | boolean | null
  /**
   * Socket options of the venue connections, set on live sockets and read back.
   */
  "net-tuning"?: NetTuningSettings | boolean | null
  /**
   * The order path: batching and checks between a strategy's order and the venue's socket.
   */
  "order-processing"?: OrderProcessingSettings | boolean | null
  /**
   * The default strategy: it keeps a quote on both sides near the touch, so that there is order flow to measure.
   */
  "quoter"?: QuoterSettings | boolean | null
  /**
   * The embedded exchange: a process of its own that speaks the Binance Spot protocol over loopback, with a generated market and an account to trade with. It runs while the venue is "sim".
   */
  "sim-exchange"?: SimExchangeSettings | boolean | null
  /**
   * A plugin of your own, by the path of its file.
   */
  [file: `./${string}` | `../${string}`]: object | boolean | null | undefined
}

/**
 * What venue.kind may be. Kinds of plugins of others are added by .veloz/types.d.ts.
 */
export interface VenueKinds {
  /**
   * Spoken to by binance.
   */
  "binance": true
  /**
   * Spoken to by binance.
   */
  "sim": true
}

/**
 * The configuration of a VeloZ engine.
 */
export interface ConfigSettings {
  /**
   * Where an editor finds this schema.
   */
  $schema?: (string | null)
  /**
   * Symbols that the engine trades.
   *
   * A list of 1 or more whose items are each text that matches ^[A-Z0-9]{2,20}$. Environment: VELOZ_SYMBOLS. A change: new hot threads take over.
   *
   * @default ["BTCUSDT"]
   *
   * @minItems 1
   */
  symbols?: (string[] | null)
  /**
   * Where orders go.
   *
   * A change: new hot threads take over.
   */
  venue?: ({
    /**
     * The kind of venue, which a plugin in use speaks to: "sim" is the exchange embedded in VeloZ, on this machine, "binance" the real one, and other plugins bring others.
     *
     * Environment: VELOZ_VENUE. A change: new hot threads take over.
     *
     * @default "sim"
     */
    kind?: keyof VenueKinds | null
  } | null)
  /**
   * "fused" runs network, engine and strategy on one thread, "split" gives each its own, "auto" decides by the cores of the machine.
   *
   * "auto", "fused" or "split". Environment: VELOZ_TOPOLOGY. A change: new hot threads take over.
   *
   * @default "auto"
   */
  topology?: ("auto" | "fused" | "split" | null)
  /**
   * What a hot thread does when there is nothing to do: "park" sleeps until it is woken, "spin" looks again and again and needs a processor for itself, "backoff" spins for a while and then sleeps, "auto" decides by the topology and the cores of the machine.
   *
   * "auto", "park", "backoff" or "spin". Environment: VELOZ_IDLE_STRATEGY. A change: live at once.
   *
   * @default "auto"
   */
  idle_strategy?: ("auto" | "park" | "backoff" | "spin" | null)
  /**
   * Plugins by name with their options: an object or true is on, false is off, null goes back to the layer below.
   */
  plugins?: PluginOptions | null
  /**
   * Plugins by value, as their factories make them.
   *
   * A list whose items are each a value.
   */
  use?: readonly PluginUse[] | null
}
