import os from "node:os"

/** What a command of `veloz` runs in. Tests bring their own. */
export interface CliEnvironment {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream
  /** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal
}

export function processEnvironment(signal: AbortSignal): CliEnvironment {
  return { cwd: process.cwd(), env: process.env, stdout: process.stdout, stderr: process.stderr, signal }
}

/** Turns the signals that end a process into an abort. Dispose of it when the command is over. */
export function listenForStop(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController()
  // While an engine runs, the code of plugins is refused it.
  const { exit } = process
  const stop = (name: NodeJS.Signals) => {
    // Shells know a process that a signal ended by 128 and the signal's number.
    if (controller.signal.aborted) exit(128 + os.constants.signals[name])
    controller.abort(name)
  }
  for (const name of STOP_SIGNALS) process.on(name, stop)
  const dispose = () => {
    for (const name of STOP_SIGNALS) process.off(name, stop)
  }
  return { signal: controller.signal, dispose }
}

const STOP_SIGNALS = ["SIGINT", "SIGTERM"] as const
