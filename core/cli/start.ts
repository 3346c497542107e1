import type { Log } from "../kernel/contract.js"
import { VelozError } from "../kernel/errors.js"
import type { CliEnvironment } from "./environment.js"

export interface StartOptions {
  /** The configuration file; without it, the project's is searched. */
  readonly config?: string
  /** Options by path, as texts: the layer of the command line. */
  readonly args: Readonly<Record<string, string>>
  readonly log: Log
}

/** Runs the engine until it is asked to stop. Returns the exit code. */
export async function start(_options: StartOptions, _environment: CliEnvironment): Promise<number> {
  throw new VelozError("VELOZ_NOT_AVAILABLE", "cannot start: this build has no engine")
}
