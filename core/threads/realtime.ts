import { ORDINARY, type Scheduling, setScheduling } from "../os/policy.js"
import { limitRealtime } from "../os/realtime-limit.js"
import { readThread, type ThreadSample } from "../os/threads.js"
import type { HotRole } from "./agent.js"
import type { RealtimeWish } from "./realtime-guards.js"

/** The threads of this process as they are told apart here. */
export interface ThreadKinds {
  tidOf(role: HotRole): number | undefined
  /** Threads of Node itself, V8's helpers among them. Not control, and nobody pins them. */
  helpers(): readonly number[]
}

export interface RealtimeSystem {
  read(tid: number): ThreadSample | undefined
  set(tid: number, scheduling: Scheduling): string | undefined
  limit(microseconds: bigint | "none"): { before: bigint | "none"; reason?: string }
  onLimit(listener: () => void): () => void
  wait(ms: number): Promise<void>
}

/** A thread that lost its priority, because it ran on and on. */
export interface Demotion {
  readonly tid: number
  readonly name: string
  readonly limitMs: number
}

export interface Raised {
  readonly refusals: readonly string[]
  undo(): void
}

/**
 * Real-time priority for the threads of hot roles, and a lower one for the helpers that they wait for. The kernel tells by
 * SIGXCPU when one of them has run for too long without waiting; control, which stays ordinary and has a core of its own,
 * then takes the priority from the one that still does.
 */
export class RealtimeThreads {
  readonly #wishes: RealtimeWish[] = []
  /** What threads had before the first wish. */
  readonly #found = new Map<number, Scheduling>()
  readonly #demoted = new Set<number>()
  #limitBefore: bigint | "none" = "none"
  #stopListening: (() => void) | undefined

  constructor(
    private readonly kinds: ThreadKinds,
    private readonly onDemotion: (demotion: Demotion) => void,
    private readonly system: RealtimeSystem = SYSTEM,
  ) {}

  /** Why a thread may not have this, in a sentence; nothing has changed afterwards. */
  refusal({ policy, priority }: RealtimeWish, tid: number): string | undefined {
    const before = this.system.read(tid)
    const refusal = this.system.set(tid, { policy, priority })
    if (refusal === undefined && before !== undefined) this.system.set(tid, before)
    return refusal
  }

  raise(wish: RealtimeWish): Raised {
    const own = { ...wish }
    this.#wishes.push(own)
    this.#demoted.clear()
    const refusals = this.#apply()
    return {
      refusals,
      undo: () => {
        const index = this.#wishes.indexOf(own)
        if (index === -1) return
        this.#wishes.splice(index, 1)
        if (this.#wishes.length > 0) this.#apply()
        else this.#restore()
      },
    }
  }

  /** Threads that are new since have what is wished. */
  sweep(): string[] {
    return this.#wishes.length === 0 ? [] : this.#apply()
  }

  isDemoted(tid: number): boolean {
    return this.#demoted.has(tid)
  }

  #apply(): string[] {
    const { policy, priority, helperPriority, roles, limitMs } = this.#wishes.at(-1)!
    // The watchdog first: from then on nobody can run away.
    const { reason } = this.#limit(limitMs)
    if (reason !== undefined) return [`no thread has real-time priority, because a limit of its run time ${reason}`]
    const helpers = this.kinds.helpers()
    const hot = new Set(roles.flatMap((role) => this.kinds.tidOf(role) ?? []))
    const refusals = [...helpers].flatMap((tid) => this.#set(tid, { policy, priority: helperPriority }) ?? [])
    for (const tid of hot) refusals.push(...[this.#set(tid, { policy, priority }) ?? []].flat())
    for (const tid of this.#found.keys()) if (!hot.has(tid) && !helpers.includes(tid)) this.#putBack(tid)
    return refusals
  }

  #set(tid: number, wish: Scheduling): string | undefined {
    const now = this.system.read(tid)
    if (now === undefined || this.#demoted.has(tid)) return undefined
    if (now.policy === wish.policy && now.priority === wish.priority) return undefined
    if (!this.#found.has(tid)) this.#found.set(tid, { policy: now.policy, priority: now.priority })
    const refusal = this.system.set(tid, wish)
    // A thread that has ended meanwhile needs no priority.
    return this.system.read(tid) === undefined ? undefined : refusal
  }

  #restore(): void {
    for (const tid of this.#found.keys()) this.#putBack(tid)
    this.#demoted.clear()
    if (this.#stopListening === undefined) return
    this.system.limit(this.#limitBefore)
    this.#stopListening()
    this.#stopListening = undefined
  }

  #putBack(tid: number): void {
    const found = this.#found.get(tid)
    this.#found.delete(tid)
    if (found !== undefined && this.system.read(tid) !== undefined) this.system.set(tid, found)
  }

  #limit(limitMs: number): { reason?: string } {
    this.#stopListening ??= this.system.onLimit(() => void this.#onLimit())
    const limit = this.system.limit(BigInt(limitMs) * 1000n)
    if (this.#found.size === 0) this.#limitBefore = limit.before
    return limit
  }

  /** The signal does not name its thread: it is the one that goes on without ever having waited. */
  async #onLimit(): Promise<void> {
    const wish = this.#wishes.at(-1)
    if (wish === undefined) return
    const before = [...this.#found.keys()].flatMap((tid) => this.system.read(tid) ?? [])
    await this.system.wait(LOOK_MS)
    for (const then of before) {
      const now = this.system.read(then.tid)
      if (now === undefined || now.voluntarySwitches !== then.voluntarySwitches) continue
      if (now.cpuTimeMs - then.cpuTimeMs < LOOK_MS / 2) continue
      this.system.set(then.tid, ORDINARY)
      this.#demoted.add(then.tid)
      this.onDemotion({ tid: then.tid, name: now.name, limitMs: wish.limitMs })
    }
    // The kernel raises the limit by a second with each signal.
    this.#limit(wish.limitMs)
  }
}

const LOOK_MS = 20

const SYSTEM: RealtimeSystem = {
  read: readThread,
  set: setScheduling,
  limit: limitRealtime,
  onLimit(listener) {
    process.on("SIGXCPU", listener)
    return () => process.off("SIGXCPU", listener)
  },
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}
