import { readCpuTopology } from "../os/cpus.js"
import { formatScheduling, isRealtime, ORDINARY, type Scheduling } from "../os/policy.js"
import type { Setting } from "../os/setting.js"
import { currentTid, listTids, readThread } from "../os/threads.js"
import type { HotRole, Role } from "../threads/agent.js"
import { HeldSettings, type Hold, type SettingName, type SettingValues } from "../threads/held-settings.js"
import { Housekeeping, type Kept } from "../threads/housekeeping.js"
import { type Demotion, type Raised, RealtimeThreads } from "../threads/realtime.js"
import type { RealtimeWish } from "../threads/realtime-guards.js"
import { ThreadPins } from "../threads/thread-pins.js"
import { Warmers } from "../threads/warmers.js"
import type { ThreadReading } from "./contract.js"
import { pinRefusedError } from "./errors.js"

/** The hot threads as they are found by those who care for threads. */
export interface HotThreadsAccess {
  /** Undefined where the system does not number threads. */
  tidOf(role: HotRole): number | undefined
  rolesOf(tid: number): readonly Role[]
  tids(): readonly number[]
  readonly timerSlack: Setting<number>
}

export interface Pinned {
  readonly cores: readonly number[]
  undo(): void
}

/** How long a thread that is new may run where, and as, the one that made it does. */
const SWEEP_MS = 2_000

/** Where the threads of this process run, with which priority and settings: what plugins wish of them, and its undoing. */
export class ThreadCare {
  /** Read now, while nothing is pinned: a thread that is pinned sees no other CPUs. */
  readonly topology = readCpuTopology()
  /** How this process was started: `chrt -f 50 ...` gives a real-time policy to all of its threads. */
  readonly inherited: Scheduling
  readonly #pins = new ThreadPins()
  readonly #warmers = new Warmers(this.#pins)
  readonly #housekeeping: Housekeeping
  readonly #settings: HeldSettings
  readonly #realtime: RealtimeThreads
  #sweeping: NodeJS.Timeout | undefined

  constructor(
    private readonly hot: HotThreadsAccess,
    onDemotion: (demotion: Demotion) => void,
  ) {
    const tid = currentTid()
    const { policy, priority } = (tid === undefined ? undefined : readThread(tid)) ?? ORDINARY
    this.inherited = { policy, priority }
    this.#housekeeping = new Housekeeping((tid) => !this.#isLoose(tid), this.topology.usable)
    this.#settings = new HeldSettings(hot)
    // V8's helpers are there from the start. What comes later runs JavaScript, as a rule, and none that hot threads wait for.
    const native = new Set(listTids().filter((tid) => tid !== currentTid()))
    const helpers = (): number[] => listTids().filter((tid) => native.has(tid) && this.#isLoose(tid))
    this.#realtime = new RealtimeThreads({ tidOf: (role) => hot.tidOf(role), helpers }, onDemotion)
  }

  /** Set when all threads of this process have a real-time priority that somebody outside gave them. */
  get inheritedRealtime(): string | undefined {
    return isRealtime(this.inherited) ? formatScheduling(this.inherited) : undefined
  }

  /** Binds the thread of a role to the cores that an option names, and says how to undo it. */
  pin(role: Role, cores: readonly number[], option?: string): Pinned {
    const tid = role === "control" ? currentTid() : this.hot.tidOf(role)
    if (tid === undefined) throw pinRefusedError(role, cores, "threads cannot be pinned on this system", option)
    const { cpus, reason, undo } = this.#pins.pin(tid, cores)
    if (reason === undefined) return { cores: cpus, undo }
    throw pinRefusedError(role, cores, reason, option)
  }

  /** Keeps all threads that run no hot role, and that nobody pins, on these cores; those too that appear later. */
  housekeep(cores: readonly number[]): Kept {
    this.#sweepOften()
    return this.#housekeeping.keep(cores)
  }

  /** Why the kernel does not permit such a priority. Tried on control, for a moment: what holds for it holds for all. */
  realtimeRefusal(wish: RealtimeWish): string | undefined {
    const tid = currentTid()
    return tid === undefined ? "this system has no such policies" : this.#realtime.refusal(wish, tid)
  }

  raise(wish: RealtimeWish): Raised {
    this.#sweepOften()
    return this.#realtime.raise(wish)
  }

  /** Keeps these cores from sleeping, until what is returned is called. */
  warm(cores: readonly number[], onRefusal: (reason: string) => void): () => void {
    return this.#warmers.keep(cores, onRefusal)
  }

  hold<S extends SettingName>(name: S, value: SettingValues[S] | undefined): Hold<SettingValues[S]> {
    this.#sweepOften()
    return this.#settings.hold(name, value)
  }

  read(): Omit<ThreadReading, "collections">[] {
    return listTids().flatMap((tid) => {
      const sample = readThread(tid)
      if (sample === undefined) return []
      const { name, cpus, cpuTimeMs, runQueueWaitMs, policy, priority, nice } = sample
      const { voluntarySwitches: voluntary, involuntarySwitches: involuntary } = sample
      const figures = { cpu_time_ms: cpuTimeMs, run_queue_wait_ms: runQueueWaitMs, policy, priority, nice }
      const context_switches = { voluntary, involuntary }
      return { name, tid, roles: this.#rolesOf(tid), cpu_affinity: [...cpus], ...figures, context_switches }
    })
  }

  close(): void {
    clearInterval(this.#sweeping)
    this.#sweeping = undefined
  }

  #sweepOften(): void {
    this.#sweeping ??= setInterval(() => {
      this.#housekeeping.sweep()
      this.#settings.sweep()
      this.#realtime.sweep()
    }, SWEEP_MS).unref()
  }

  /** Nobody pins it, it runs no hot role, and it warms no core. */
  #isLoose(tid: number): boolean {
    return !this.#pins.isPinned(tid) && this.hot.rolesOf(tid).length === 0 && !this.#warmers.has(tid)
  }

  #rolesOf(tid: number): string[] {
    const own = this.hot.rolesOf(tid)
    if (own.length > 0) return [...own]
    if (this.#warmers.has(tid)) return ["warmer"]
    return [tid === currentTid() ? "control" : "runtime"]
  }
}
