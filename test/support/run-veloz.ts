import { Writable } from "node:stream"
import { runCommandLine } from "../../core/cli/program.js"

/** Runs a command line of `veloz` in this process. Returns its exit code and what it printed. */
export async function runVeloz(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err] = [new Sink(), new Sink()]
  const code = await runCommandLine(words, { stdout: out, stderr: err, env: {} })
  return { code, out: out.text, err: err.text }
}

class Sink extends Writable {
  text = ""

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
