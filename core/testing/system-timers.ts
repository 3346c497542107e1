// What Node calls the resources behind setTimeout, setInterval and setImmediate.
const KINDS = new Set(["Timeout", "Immediate"])

/** Timers of the process that were started since this was made and still run. */
export class SystemTimers {
  readonly #before = countTimers()

  left(): number {
    return Math.max(0, countTimers() - this.#before)
  }
}

const countTimers = (): number => process.getActiveResourcesInfo().filter((kind) => KINDS.has(kind)).length
