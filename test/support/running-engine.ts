import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import net from "node:net"

/** `veloz start` as a process of its own, on a port of its own. */
export class RunningEngine {
  private constructor(
    readonly process: ChildProcess,
    readonly port: number,
    private readonly printed: { text: string },
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Everything that it has printed so far. */
  get output(): string {
    return this.printed.text
  }

  /** Starts `command ... start --port N` in a folder and waits until it says that it is healthy. */
  static async start(
    command: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningEngine> {
    const port = await freePort()
    const [program, ...words] = [...command, "start", "--port", String(port)]
    const child = spawn(program, words, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
    const printed = { text: "" }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed.text += text
      })
    }
    const engine = new RunningEngine(child, port, printed)
    try {
      await engine.#healthy()
      return engine
    } catch (error) {
      child.kill("SIGKILL")
      throw error
    }
  }

  /** Waits until the venue has acknowledged an order of a strategy: from then on orders are taken. */
  async trading(): Promise<void> {
    await this.#until("did not trade", async () => {
      const { latency } = (await this.get("/api/metrics/latency")) as { latency: { order_to_ack: { count: number } } }
      return latency.order_to_ack.count > 0
    })
  }

  async get(path: string): Promise<Record<string, unknown>> {
    const answer = await fetch(this.url + path)
    if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as Record<string, unknown>
  }

  /** Asks it to stop. Returns its exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode
    const ended = once(this.process, "exit")
    this.process.kill(signal)
    return (await ended)[0]
  }

  #healthy(): Promise<void> {
    return this.#until("did not become healthy", async () => (await this.get("/api/health")).status === "healthy")
  }

  async #until(failure: string, isSo: () => Promise<boolean>): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt++) {
      if (this.process.exitCode !== null) {
        throw new Error(`the engine ended with exit code ${this.process.exitCode}:\n${this.output}`)
      }
      // Nobody listens yet, or what is asked for is not known yet.
      if (await isSo().catch(() => false)) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error(`the engine ${failure}:\n${this.output}`)
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, "close")
  return port
}
