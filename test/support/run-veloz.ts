import { Writable } from "node:stream"
import type { CliEnvironment } from "../../core/cli/environment.js"
import { runCommandLine } from "../../core/cli/program.js"

export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command line of `veloz` in this process. Returns its exit code and what it printed. */
export function runVeloz(...words: string[]): Promise<Run> {
  return runVelozIn({}, ...words)
}

/** The same in an environment of its own. */
export async function runVelozIn(environment: Partial<CliEnvironment>, ...words: string[]): Promise<Run> {
  const [out, err] = [new Sink(), new Sink()]
  const code = await runCommandLine(words, { env: {}, ...environment, stdout: out, stderr: err })
  return { code, out: out.text, err: err.text }
}

class Sink extends Writable {
  text = ""

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
