import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { once } from "node:events"

/** A process that writes messages as JSON, each behind its length. */
export class FramedProcess {
  readonly #child: ChildProcessWithoutNullStreams
  #buffer = Buffer.alloc(0)

  constructor(command: readonly string[], cwd: string, onMessage: (message: unknown) => void) {
    this.#child = spawn(command[0], command.slice(1), { cwd })
    this.#child.stderr.resume()
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk])
      for (let message = this.#take(); message !== undefined; message = this.#take()) onMessage(message)
    })
  }

  write(text: string): void {
    this.#child.stdin.write(text)
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await ended
  }

  #take(): unknown {
    const head = this.#buffer.indexOf("\r\n\r\n")
    if (head < 0) return undefined
    const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.toString("latin1", 0, head))?.[1])
    const end = head + 4 + length
    if (this.#buffer.length < end) return undefined
    const body = this.#buffer.toString("utf8", head + 4, end)
    this.#buffer = this.#buffer.subarray(end)
    return JSON.parse(body)
  }
}
