import { type Context, createContext, Script } from "node:vm"

/** How long code of a user may take before it is given up: far more than evaluating needs, packages included. */
const LIMIT_MS = 5000

/**
 * Runs code of a user that must not take the engine with it: a loop without an end is ended, and what would end the
 * process throws where it is called. That holds until `run` returns; see `settled` for what it promises.
 */
export function bounded<T>(run: () => T, limitMs = LIMIT_MS): T {
  const allowEnds = refuseEnds()
  // Made once: a context takes a millisecond. Code that runs may come here again, for the code that it loads.
  context ??= createContext({})
  const outer = context.run
  context.run = run
  try {
    // The limit of a script covers all that the script calls, in whatever context that was made.
    return CALL.runInContext(context, { timeout: limitMs }) as T
  } catch (error) {
    if (!isTimeout(error)) throw error
    throw new Error(`it had not ended after ${limitMs} ms: is there a loop without an end?`)
  } finally {
    context.run = outer
    allowEnds()
  }
}

/** From now on what would end the process, or this thread, throws where it is called. Returns what ends that. */
export function refuseEnds(): () => void {
  const { exit, kill, abort } = process
  const killOthers: typeof kill = (pid, signal) => (pid === process.pid ? refuse("kill")() : kill(pid, signal))
  Object.assign(process, { exit: refuse("exit"), abort: refuse("abort"), kill: killOthers })
  return () => void Object.assign(process, { exit, kill, abort })
}

const CALL = new Script("run()")
let context: Context | undefined

/** Waits for what code of a user promised, and not for ever: whatever waits behind it has its turn. */
export async function settled<T>(promise: T | PromiseLike<T>, limitMs = LIMIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`what it promised had not come after ${limitMs} ms: is everything it awaits settled?`)
    timer = setTimeout(() => reject(error), limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const refuse = (name: string) => (): never => {
  throw new Error(`process.${name} is not for code that the engine loads: throw an error to refuse`)
}

/** The error comes from the script's own context, so it is no instance of this one's Error. */
function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"
}
