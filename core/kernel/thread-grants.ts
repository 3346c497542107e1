import { isSame } from "../config/same.js"
import type { ClaimsByPlugin } from "./claims.js"
import type { Claims } from "./contract.js"
import { VelozError } from "./errors.js"
import type { ThreadCare } from "./thread-care.js"

type ThreadClaims = Pick<Claims, "pins" | "housekeeping" | "realtime">

interface Grant {
  readonly claims: ThreadClaims
  readonly undo: () => void
}

/** What the plugins of the generation in force have of threads: the places and priorities that they claim. */
export class ThreadGrants {
  #held: ReadonlyMap<string, Grant> = new Map()

  constructor(
    private readonly threads: Pick<ThreadCare, "pin" | "housekeep" | "raise">,
    private readonly warn: (plugin: string, reason: string) => void,
  ) {}

  /** Tries what was judged by the facts alone, and leaves nothing of it. Throws what the kernel refuses. */
  try(claims: ClaimsByPlugin): void {
    for (const { pins = [] } of claims.values()) {
      for (const { role, cores, option } of pins) this.threads.pin(role, cores, option).undo()
    }
  }

  /** The generation of these claims is in force, on other hot threads if `isMoved`. */
  commit(claims: ClaimsByPlugin, isMoved: boolean): void {
    const former = this.#held
    const next = new Map<string, Grant>()
    for (const [plugin, { pins = [], housekeeping, realtime }] of claims) {
      const own = { pins, housekeeping, realtime }
      const standing = former.get(plugin)
      const isKept = standing !== undefined && !isMoved && isSame(standing.claims, own)
      next.set(plugin, isKept ? standing : { claims: own, undo: this.#grant(plugin, own) })
    }
    this.#held = next
    // Afterwards, so that no thread is anywhere else in between.
    for (const [plugin, grant] of [...former].reverse()) if (next.get(plugin) !== grant) grant.undo()
  }

  close(): void {
    this.commit(new Map(), false)
  }

  #grant(plugin: string, { pins = [], housekeeping, realtime }: ThreadClaims): () => void {
    const { threads } = this
    const undos: (() => void)[] = []
    for (const { role, cores, option } of pins) {
      try {
        undos.push(threads.pin(role, cores, option).undo)
      } catch (error) {
        // It was tried while the change was prepared: the machine has changed since.
        if (!(error instanceof VelozError)) throw error
        this.warn(plugin, error.message)
      }
    }
    const others = [
      ...(housekeeping === undefined ? [] : [threads.housekeep(housekeeping)]),
      ...(realtime === undefined ? [] : [threads.raise(realtime)]),
    ]
    for (const { refusals, undo } of others) {
      undos.push(undo)
      for (const refusal of refusals) this.warn(plugin, refusal)
    }
    return () => {
      for (const undo of undos.reverse()) undo()
    }
  }
}
