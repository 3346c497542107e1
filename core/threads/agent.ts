/** The four roles. A role is code that knows its links, not its thread. */
export type Role = "control" | "network" | "engine" | "strategy"

/** What a thread runs: one turn after the other, each a bounded amount of work. */
export interface Agent {
  readonly role: Role
  /** One turn of the duty cycle. Returns the amount of work done; 0 means idle. Never blocks, never throws on bad input. */
  doWork(): number
}

/** What an agent runner does when a turn found nothing to do. */
export type IdleStrategy = "spin" | "backoff" | "park"
