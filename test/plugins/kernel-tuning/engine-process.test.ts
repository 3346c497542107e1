import { spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { TunableReading } from "veloz"
import { EventReader } from "../../support/event-reader.js"
import { inNamespace } from "../../support/in-namespace.js"
import { RunningEngine } from "../../support/running-engine.js"
import { testUnless } from "../../support/skip.js"

// Engines that set values of the kernel, as root of a network namespace of their own sees them.

const COMMAND = [process.execPath, path.resolve("dist/core/cli/main.js")]
const FIN = "net.ipv4.tcp_fin_timeout"
const LOWAT = "net.ipv4.tcp_notsent_lowat"
const isRoot = process.geteuid?.() === 0
const hasSetpriv = spawnSync("setpriv", ["--version"]).status === 0
const AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

inNamespace(import.meta.url, () => {
  const before = values()

  const engineTest = (name: string, config: object, body: (project: Project) => Promise<void>): void => {
    test(name, async () => {
      const project = new Project(config)
      try {
        await body(project)
        assert.equal(values(), before)
      } finally {
        await project.end()
      }
    })
  }

  engineTest(
    "what is wished for is in force while the engine runs, changes with the file, and is put back",
    { mode: "apply", sysctl: { [FIN]: 15, [LOWAT]: 16384 } },
    async (project) => {
      const engine = await project.start()
      assert.equal([value(FIN), value(LOWAT)], ["15", "16384"])
      const fin = await project.tunable(FIN)
      assert.equal([fin.state, fin.found, fin.original, fin.verified], ["verified", 15, 60, true])

      await project.save({ mode: "apply", sysctl: { [FIN]: 20 } }, () => value(FIN) === "20")
      assert.is(value(LOWAT), before[LOWAT], "an option that is removed is put back, live")
      await project.save({ mode: "plan", sysctl: { [FIN]: 20 } }, () => value(FIN) === before[FIN])
      assert.is((await project.tunable(FIN)).state, "wanted")
      await project.save({ mode: "apply", sysctl: { [FIN]: 20 } }, () => value(FIN) === "20")
      assert.is(await engine.stop(), 0)
    },
  )

  engineTest(
    "a killed engine's values are put back by the next one, and by veloz tune rollback",
    { mode: "apply", sysctl: { [FIN]: 15 } },
    async (project) => {
      for (const mend of ["engine", "rollback"]) {
        const engine = await project.start()
        await engine.stop("SIGKILL")
        assert.is(value(FIN), "15", "nobody was left to put it back")
        if (mend === "rollback") {
          assert.match(project.veloz("tune", "rollback").stdout, `${FIN} is put back: 15 -> 60`)
          continue
        }
        writeFileSync(path.join(project.folder, "veloz.config.json"), "{}")
        const next = await project.start()
        assert.equal(
          [value(FIN), /left by process \d+: net.ipv4.tcp_fin_timeout is put back/.test(next.output)],
          ["60", true],
        )
        await next.stop()
        project.write({ mode: "apply", sysctl: { [FIN]: 15 } })
      }
    },
  )

  engineTest(
    "a request changes values, all or none, and never the mode to apply",
    { mode: "apply", sysctl: { [FIN]: 15 } },
    async (project) => {
      await project.start()
      const changed = await project.post({ sysctl: { [FIN]: 25, [LOWAT]: 32768 } })
      assert.equal([changed.status, value(FIN), value(LOWAT)], [200, "25", "32768"])
      const tunables = changed.body.tunables as TunableReading[]
      assert.equal(
        tunables.map(({ id, state }) => [id, state]),
        [
          [FIN, "verified"],
          [LOWAT, "verified"],
        ],
      )
      const refused = await project.post({ sysctl: { [FIN]: 26, "net.core.rmem_max": 300_000 } })
      assert.equal([refused.status, refused.body.error], [422, "tuning_refused"])
      assert.match(refused.body.message as string, "read-only in this network namespace; set it on the host")
      const wrong = await project.post({ sysctl: { [FIN]: 0 } })
      assert.equal([wrong.status, value(FIN)], [422, "25"])
      for (const name of ["kernel.core_pattern", "kernel/modprobe"]) {
        const stranger = await project.post({ sysctl: { [name]: "|/tmp/x" } })
        assert.equal([stranger.status, stranger.body.error], [403, "not_by_request"], "it may name a program")
      }

      assert.is((await project.post({ mode: "plan" })).status, 200)
      assert.is(value(FIN), before[FIN])
      const again = await project.post({ mode: "apply" })
      assert.equal([again.status, again.body.error, again.body.field], [403, "not_by_request", "mode"])
      assert.is(value(FIN), before[FIN])
      assert.is(await project.engine!.stop(), 0)
    },
  )

  engineTest(
    "a value is measured where the file says apply, a smaller one too, and is then as the file says",
    { mode: "apply", sysctl: { [FIN]: 15, "net.ipv4.tcp_wmem": "4096 8192 1048576" } },
    async (project) => {
      const { port } = await project.start()
      const words = ["tune", "measure", "net.ipv4.tcp_wmem", "--blocks", "20", "--seconds", "0.2", "--json"]
      const { status, stdout, stderr } = project.veloz(...words, "--url", `127.0.0.1:${port}`)
      assert.is(status, 0, stderr)
      const [{ verdict, figures }] = JSON.parse(stdout).measured
      assert.ok(["keep", "revert", "harmful", "conflict", "no effect"].includes(verdict) && figures.length > 0, stdout)
      assert.equal([value("net.ipv4.tcp_wmem").split(/\s+/).join(" "), value(FIN)], ["4096 8192 1048576", "15"])
      await project.engine!.stop()
    },
  )

  engineTest(
    "drift is told as an event, a figure and a state, and left alone",
    { mode: "apply", sysctl: { [FIN]: 15 }, recheck_seconds: 1 },
    async (project) => {
      const engine = await project.start()
      const stream = await EventReader.open(engine.port, "?filter=tuning")
      writeFileSync(file(FIN), "33")
      const data = await stream.next("tuning_drift")
      assert.equal([data.id, data.found, data.wanted, data.policy], [FIN, "33", "15", "yield"])
      stream.close()
      const { counters } = (await engine.get("/api/metrics/counters")) as { counters: Record<string, number> }
      assert.equal([counters.tuning_drifts, counters.tuning_foreign], [1, 1])
      assert.is((await project.tunable(FIN)).state, "foreign")
      await engine.stop()
      assert.is(value(FIN), "33", "what somebody else has set stays")
      writeFileSync(file(FIN), before[FIN])
    },
  )

  engineTest(
    "drift that is to fail ends the engine",
    { mode: "apply", sysctl: { [FIN]: 15 }, recheck_seconds: 1, drift: "fail" },
    async (project) => {
      const engine = await project.start()
      const ended = once(engine.process, "exit")
      writeFileSync(file(FIN), "33")
      assert.is((await ended)[0], 1)
      assert.match(engine.output, "VELOZ_TUNING_DRIFT")
      assert.is(value(FIN), "33")
      writeFileSync(file(FIN), before[FIN])
    },
  )

  const unprivileged = testUnless(isRoot && hasSetpriv ? undefined : "it takes root, and setpriv to leave it")

  unprivileged("an ordinary user's engine trades, sets nothing, and says what each value needs", async () => {
    const project = new Project({ mode: "apply", sysctl: { [FIN]: 15, "vm.swappiness": 10 } }, AS_NOBODY)
    try {
      const engine = await project.start()
      assert.equal(values(), before)
      assert.match(
        engine.output,
        `no value of the kernel is set: ${FIN}: /proc/sys/net/ipv4/tcp_fin_timeout needs CAP_NET_ADMIN`,
      )
      assert.match(engine.output, "vm.swappiness: /proc/sys/vm/swappiness needs the user root of the host")
      assert.is((await project.tunable(FIN)).state, "needs_privilege")
      assert.is(await engine.stop(), 0)
      project.write({ mode: "apply", strict: true, sysctl: { [FIN]: 15 } })
      const { status, stderr } = project.veloz("start", "--port", "0")
      assert.equal([status, /VELOZ_TUNING_REFUSED/.test(stderr)], [1, true], "who is strict gets no start")
    } finally {
      await project.end()
    }
  })

  unprivileged(
    "root of a user namespace has every capability, and is told that the host's values are read-only",
    async () => {
      const project = new Project({ sysctl: { [FIN]: 15 } }, [...AS_NOBODY, "unshare", "--map-root-user"])
      try {
        const { status, stdout } = project.veloz("tune", "plan")
        assert.is(status, 1)
        assert.match(
          stdout,
          /^! net\.ipv4\.tcp_fin_timeout .* is read-only here, as in a container or a user namespace; set it on the host .* needs=CAP_NET_ADMIN ok$/m,
        )
      } finally {
        await project.end()
      }
    },
  )
})

test.run()

/** A project with an engine, or several one after the other, whose state is kept beside it. */
class Project {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), "veloz-kernel-"))
  engine: RunningEngine | undefined

  constructor(
    options: object,
    private readonly before: readonly string[] = [],
  ) {
    chmodSync(this.folder, 0o777)
    this.write(options)
  }

  write(options: object): void {
    writeFileSync(
      path.join(this.folder, "veloz.config.json"),
      JSON.stringify({ plugins: { "kernel-tuning": options } }),
    )
  }

  async start(): Promise<RunningEngine> {
    this.engine = await RunningEngine.start([...this.before, ...COMMAND], this.folder, this.#env)
    return this.engine
  }

  veloz(...words: string[]) {
    const [program, ...rest] = [...this.before, ...COMMAND, ...words]
    return spawnSync(program, rest, { cwd: this.folder, env: { ...process.env, ...this.#env }, encoding: "utf8" })
  }

  /** Saves, and waits for what comes of it. */
  async save(options: object, hasCome: () => boolean): Promise<void> {
    this.write(options)
    for (let waitedMs = 0; waitedMs < 20_000 && !hasCome(); waitedMs += 20) await sleep(20)
    assert.ok(hasCome(), this.engine!.output)
    // The value is set before the generation is in force.
    await sleep(100)
  }

  async tunable(id: string): Promise<TunableReading> {
    const { tunables } = (await this.engine!.get("/api/tuning")) as { tunables: TunableReading[] }
    return tunables.find((tunable) => tunable.id === id)!
  }

  async post(body: object): Promise<{ status: number; body: Record<string, unknown> }> {
    const headers = { "content-type": "application/json" }
    const answer = await fetch(`${this.engine!.url}/api/config/kernel`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  async end(): Promise<void> {
    await this.engine?.stop("SIGKILL")
    const journals = path.join(this.folder, "state", "tuning")
    const left = existsSync(journals) ? readdirSync(journals).filter((name) => name !== "lock") : []
    if (left.length > 0) this.veloz("tune", "rollback")
    rmSync(this.folder, { recursive: true })
  }

  get #env(): Record<string, string> {
    return { VELOZ_STATE_DIR: path.join(this.folder, "state") }
  }
}

function file(id: string): string {
  return `/proc/sys/${id.replaceAll(".", "/")}`
}

function value(id: string): string {
  return readFileSync(file(id), "utf8").trim()
}

function values(): Record<string, string> {
  return Object.fromEntries([FIN, LOWAT].map((id) => [id, value(id)]))
}
