import { once } from "node:events"
import { refuseEnds } from "../config/bounded.js"
import type { Log } from "../kernel/contract.js"
import { type RunningEngine, startEngine } from "../kernel/engine.js"
import { compileSooner } from "../os/compiler.js"
import type { CliEnvironment } from "./environment.js"
import { currentTerminal } from "./terminal.js"
import { readVersion } from "./version.js"

export interface StartOptions {
  /** The configuration file; without it, the project's is searched. */
  readonly config?: string
  /** Options by path, as texts: the layer of the command line. */
  readonly args: Readonly<Record<string, string>>
  readonly log: Log
}

/** Runs the engine until it is asked to stop. Returns the exit code. */
export async function start({ config, args, log }: StartOptions, environment: CliEnvironment): Promise<number> {
  const { cwd, env } = environment
  const closed = new AbortController()
  const signal = AbortSignal.any([environment.signal, closed.signal])
  const failure = new AbortController()
  const onFailure = (error: Error): void => failure.abort(error)
  let made: RunningEngine | undefined
  const onMade = (engine: RunningEngine): void => void (made = engine)
  const onStray = (error: unknown): void => made?.onStray(error)
  const terminal = currentTerminal()
  // Who closes the terminal of an engine has ended it; from anybody else the signal asks to read the files again.
  const hangUp = (): void => {
    if (terminal.isGone()) closed.abort("SIGHUP, and its terminal is gone")
    else void engine?.reload("SIGHUP")
  }
  let engine: RunningEngine | undefined
  // Before anybody can see that the engine is there: without a listener the signal would end it.
  process.on("SIGHUP", hangUp)
  // Code of plugins runs before the engine does, and must not end it.
  process.on("uncaughtException", onStray)
  const allowEnds = refuseEnds()
  const unguard = (): void => {
    process.off("uncaughtException", onStray)
    allowEnds()
  }
  try {
    engine = await startEngine({ cwd, config, env, args, log, version: readVersion(), signal, onFailure, onMade })
  } catch (error) {
    process.off("SIGHUP", hangUp)
    unguard()
    if (!signal.aborted) throw error
    log.info(`stopped before it ran: ${String(signal.reason)}`)
    return 0
  }
  // Not before: what runs once at the start is not worth compiling.
  compileSooner()
  try {
    greet(engine, log)
    const stop = AbortSignal.any([signal, failure.signal])
    if (!stop.aborted) await once(stop, "abort")
    if (failure.signal.aborted) throw failure.signal.reason
    log.info(`stopping: ${String(signal.reason)}`)
    return 0
  } finally {
    process.off("SIGHUP", hangUp)
    await engine.stop()
    unguard()
  }
}

function greet({ address }: RunningEngine, log: Log): void {
  if (address === undefined) return log.info("running, without an HTTP API: metrics-api is off")
  log.info(`running: http://${address.host}:${address.port}/api/health`)
}
