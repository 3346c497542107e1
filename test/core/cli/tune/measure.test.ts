import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVelozIn } from "../../../support/run-veloz.js"
import { RunningEngine } from "../../../support/running-engine.js"

const COMMAND = [process.execPath, path.resolve("dist/core/cli/main.js")]
/** Less than any kernel has. */
const RAISED = ">=4096 8192 16384"
const SHORT = ["--blocks", "20", "--seconds", "0.2"]

let cwd: string
let engine: RunningEngine
let env: NodeJS.ProcessEnv

test.before(async () => {
  cwd = mkdtempSync(path.join(tmpdir(), "veloz-tune-measure-"))
  const plugins = {
    "net-tuning": { tcp_nodelay: true },
    "kernel-tuning": {
      mode: "plan",
      sysctl: { "vm.stat_interval": 7, "net.ipv4.tcp_rmem": RAISED, "kernel.pid_max": 65_536 },
    },
  }
  writeFileSync(path.join(cwd, "veloz.config.json"), JSON.stringify({ plugins }))
  engine = await RunningEngine.start(COMMAND, cwd, { VELOZ_TCP_USER_TIMEOUT: "4000" })
  env = { VELOZ_PORT: String(engine.port) }
})

test.after(async () => {
  await engine.stop("SIGKILL")
  rmSync(cwd, { recursive: true })
})

interface Answers {
  options: { value: unknown; set_by: { layer: string } }[]
  tunables: { id: string; found: unknown }[]
}

const ask = async (address: string): Promise<Answers> => (await engine.get(address)) as unknown as Answers

test("a tunable is switched in the running engine, judged, and left as it was, in the layer that had set it", async () => {
  const { code, out, err } = await runVelozIn({ env }, "tune", "measure", "TCP_NODELAY", ...SHORT, "--json")
  assert.is(code, 0, err)
  const [{ id, verdict, off, on, figures }] = JSON.parse(out).measured
  assert.equal([id, off, on], ["TCP_NODELAY", { tcp_nodelay: false }, { tcp_nodelay: true }])
  assert.ok(["keep", "revert", "harmful", "conflict", "no effect"].includes(verdict), verdict)
  const [figure] = figures
  assert.ok(figure.off_us > 0 && figure.on_us > 0 && figure.p >= 0 && figure.p <= 1 && figure.control.p <= 1, out)
  const [{ value, set_by }] = (await ask("/api/config/explain?path=plugins.net-tuning.tcp_nodelay")).options
  assert.equal([value, set_by.layer], [true, "file"])
  const { tunables } = await ask("/api/tuning")
  assert.is(tunables.find((tunable) => tunable.id === "TCP_NODELAY")?.found, "on")
})

test("what does not come into force is not measured, and what stood before stands again", async () => {
  const { code, err } = await runVelozIn({ env }, "tune", "measure", "vm.stat_interval", ...SHORT)
  assert.is(code, 1)
  assert.match(
    err,
    /VELOZ_TUNABLE_NOT_IN_FORCE: vm\.stat_interval .*kernel-tuning\.mode is "plan", as veloz\.config\.json says/,
  )
  const stat = encodeURIComponent('plugins.kernel-tuning.sysctl["vm.stat_interval"]')
  const [{ value, set_by }] = (await ask(`/api/config/explain?path=${stat}`)).options
  assert.equal([value, set_by.layer], [7, "file"])
})

test("a killed measurement leaves nothing behind: the engine puts back what it was by itself", async () => {
  const path = "plugins.net-tuning.tcp_nodelay"
  const layer = async (): Promise<string> => (await ask(`/api/config/explain?path=${path}`)).options[0].set_by.layer
  const until = async (wanted: string): Promise<void> => {
    for (let tries = 0; tries < 300 && (await layer()) !== wanted; tries += 1) await sleep(100)
    assert.is(await layer(), wanted)
  }
  const words = ["tune", "measure", "TCP_NODELAY", "--seconds", "0.2", "--blocks", "400"]
  const [program, ...script] = COMMAND
  const measuring = spawn(program, [...script, ...words], { env: { ...process.env, ...env }, stdio: "ignore" })
  await until("api")
  const second = await runVelozIn({ env }, "tune", "measure", "TCP_NODELAY", ...SHORT)
  assert.match(second.err, `veloz tune measure (process ${measuring.pid}) tries ${path}`)
  measuring.kill("SIGKILL")
  await once(measuring, "exit")
  await until("file")
  assert.match(engine.output, "has not renewed its lease")
})

test("what is so already is not measured, and says why", async () => {
  const { code, out, err } = await runVelozIn({ env }, "tune", "measure", "net.ipv4.tcp_rmem", ...SHORT)
  assert.is(code, 0, err)
  assert.match(
    out,
    /^net\.ipv4\.tcp_rmem: already so .*\n {2}nothing to measure: it is \d+ \d+ \d+ with it and without/,
  )
})

test("what the environment masks is not measured, and the variable is named", async () => {
  const { code, err } = await runVelozIn({ env }, "tune", "measure", "TCP_USER_TIMEOUT", ...SHORT)
  assert.is(code, 1)
  assert.match(err, /VELOZ_TUNABLE_MASKED: TCP_USER_TIMEOUT .*VELOZ_TCP_USER_TIMEOUT sets plugins\.net-tuning\./)
})

test("what cannot be switched, and what nothing is called, is refused before anything is switched", async () => {
  const { generation } = await engine.get("/api/config")
  const still = await runVelozIn({ env }, "tune", "measure", "isolcpus")
  assert.match(still.err, "VELOZ_TUNABLE_STILL")
  const stranger = await runVelozIn({ env }, "tune", "measure", "kernel.pid_max")
  assert.match(
    stranger.err,
    /VELOZ_TUNABLE_STILL: kernel\.pid_max .*requests cannot switch it on and off.*veloz compare/,
  )
  const unknown = await runVelozIn({ env }, "tune", "measure", "TCP_NODELAYS")
  assert.match(
    unknown.err,
    'VELOZ_TUNABLE_UNKNOWN: nothing that can be tuned is called "TCP_NODELAYS": did you mean TCP_NODELAY?',
  )
  assert.is((await engine.get("/api/config")).generation, generation)
})

test.run()
