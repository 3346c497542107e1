import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVelozIn } from "../../support/run-veloz.js"
import { RunningEngine } from "../../support/running-engine.js"

const COMMAND = [process.execPath, path.resolve("dist/core/cli/main.js")]

interface Answer {
  engine: string | null
  findings: { id: string; kind: string; seen: string; means: string; mend: string | null }[]
}

test("without an engine the machine alone is looked at", async () => {
  const { code, out, err } = await runVelozIn({ env: { VELOZ_PORT: "1" } }, "doctor", "--json")
  const { engine, findings }: Answer = JSON.parse(out)
  assert.is(engine, null, err)
  assert.is(code, findings.some(({ kind }) => kind === "problem") ? 2 : 0)
})

test("an engine that was named and does not run is an error", async () => {
  const { code, err } = await runVelozIn({ env: {} }, "doctor", "--url", "127.0.0.1:1")
  assert.is(code, 1)
  assert.match(err, "VELOZ_ENGINE_AWAY")
})

test("a running engine is asked: what it wished for and did not get, and that its venue is on this machine", async () => {
  const cwd = mkdtempSync(path.join(tmpdir(), "veloz-doctor-"))
  const plugins = {
    quoter: true,
    "cpu-affinity": { enabled: false, engine_thread_cores: [0] },
    "kernel-tuning": { sysctl: { "net.ipv4.tcp_low_latency": 1 } },
  }
  writeFileSync(path.join(cwd, "veloz.config.json"), JSON.stringify({ topology: "fused", plugins }))
  const engine = await RunningEngine.start(COMMAND, cwd)
  try {
    // An engine is healthy before its venue is connected, and has no sockets until then.
    await engine.trading()
    const env = { VELOZ_PORT: String(engine.port) }
    const { code, out, err } = await runVelozIn({ env }, "doctor", "--json")
    assert.is(code, 2, err)
    const { engine: url, findings }: Answer = JSON.parse(out)
    assert.is(url, engine.url)
    const ids = findings.map(({ id }) => id)
    for (const id of ["affinity-off", "loopback", "placebos"]) assert.ok(ids.includes(id), `${id} among ${ids}`)
    const text = await runVelozIn({ env }, "doctor")
    assert.match(
      text.out,
      /! affinity-off: engine_thread_cores name cores[\s\S]*mend: plugins\.cpu-affinity\.enabled: true/,
    )
    assert.match(text.out, /\d problems?\n$/)
  } finally {
    await engine.stop("SIGKILL")
    rmSync(cwd, { recursive: true })
  }
})

test.run()
