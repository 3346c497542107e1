import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { RunningEngine } from "./running-engine.js"

const REPOSITORY = process.cwd()
const MAIN = path.join(REPOSITORY, "dist/core/cli/main.js")
const COMMAND_WITHIN_MS = 60_000
const SEEN_WITHIN_MS = 30_000

// An answer of 400 or more is a failure here; that a stream has no end is none.
const CURL = `curl() { command curl --silent --show-error --fail-with-body "$@" || [[ $? == 28 && "$*" == *--max-time* ]]; }`
const NPM = `npm() { node ${MAIN} start; }`

/** Text that grows, and how much of it was looked at. */
interface Printed {
  readonly text: () => string
  from: number
}

/** Does what a page says, in a project of its own and with an engine of its own, whose port stands for 8080. */
export class PageReader {
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), "veloz-page-"))
  readonly #printed: Printed[] = []
  readonly #watches: ChildProcess[] = []
  #engine: RunningEngine | undefined

  constructor() {
    copyFileSync("veloz.config.ts", this.#config)
    writeFileSync(path.join(this.#folder, "package.json"), "{}")
    // Where npx looks.
    mkdirSync(path.join(this.#folder, "node_modules/.bin"), { recursive: true })
    symlinkSync(path.join(REPOSITORY, "scripts/veloz.mjs"), path.join(this.#folder, "node_modules/.bin/veloz"))
  }

  /** `A=1 B=2 npm start` */
  async start(command = "npm start"): Promise<void> {
    await this.#engine?.stop()
    const env = Object.fromEntries([...command.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]))
    const engine = await RunningEngine.start([process.execPath, MAIN], this.#folder, { ...env, ...this.#state })
    this.#engine = engine
    this.#listen(() => engine.output)
    await engine.trading()
  }

  run(command: string): string {
    return execFileSync("bash", ["-c", this.#script(command)], { ...this.#shell, timeout: COMMAND_WITHIN_MS })
  }

  /** Returns the exit code. */
  fails(command: string): number | null {
    const options = { ...this.#shell, timeout: COMMAND_WITHIN_MS }
    const { status, stdout, stderr } = spawnSync("bash", ["-c", this.#script(command)], options)
    this.#listen(() => stdout + stderr)
    return status
  }

  watch(command: string): void {
    const child = spawn("bash", ["-c", this.#script(command)], { ...this.#shell, detached: true })
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk
    })
    this.#watches.push(child)
    this.#listen(() => text)
  }

  /** Puts `plugins: {...}` in the place of that of the file. */
  save(plugins: string): void {
    const edited = readFileSync(this.#config, "utf8").replace(/^ {2}plugins: \{\n.*?^ {2}\},\n/ms, () => plugins)
    writeFileSync(this.#config, edited)
  }

  /** Waits for lines that are printed one after the other. Tells of the first that does not come. */
  async missing(lines: string): Promise<string | undefined> {
    for (const line of lines.split("\n").filter((text) => text.trim() !== "")) {
      if (!(await this.#comes(line))) return `${line} is not in:\n${this.#unread().join("\n")}`
    }
    return undefined
  }

  /** Returns the exit code of the engine. */
  async close(): Promise<number | null | undefined> {
    for (const { pid, exitCode } of this.#watches) if (exitCode === null) process.kill(-pid!)
    const code = await this.#engine?.stop()
    rmSync(this.#folder, { recursive: true })
    return code
  }

  get #config(): string {
    return path.join(this.#folder, "veloz.config.ts")
  }

  /** What a page sets of the machine is remembered in the project, and not in the reader's home. */
  get #state(): Record<string, string> {
    return { VELOZ_STATE_DIR: path.join(this.#folder, "state") }
  }

  get #shell() {
    // Where `npx veloz` looks for the engine.
    const env = { ...process.env, VELOZ_PORT: String(this.#engine?.port), ...this.#state }
    return { cwd: this.#folder, env, encoding: "utf8" } as const
  }

  /** The command as a newcomer types it, but on another port, and not for half a minute. */
  #script(command: string): string {
    const typed = command.replaceAll("8080", String(this.#engine?.port)).replaceAll("--seconds 30", "--seconds 2")
    return `set -euo pipefail; ${CURL}; ${NPM}; ${typed}`
  }

  #listen(text: () => string): void {
    this.#printed.push({ text, from: 0 })
  }

  async #comes(line: string): Promise<boolean> {
    const pattern = new RegExp(escaped(line.trim()).replaceAll("\\.\\.\\.", ".*").replaceAll(/\d+/g, "\\d+"))
    for (let waitedMs = 0; waitedMs < SEEN_WITHIN_MS; waitedMs += 50) {
      for (const printed of this.#printed) {
        const found = pattern.exec(printed.text().slice(printed.from))
        if (found === null) continue
        printed.from += found.index + found[0].length
        return true
      }
      await sleep(50)
    }
    return false
  }

  #unread(): string[] {
    return this.#printed.map(({ text, from }) => text().slice(from))
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
}
