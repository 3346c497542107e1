import { once } from "node:events"
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import net from "node:net"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { PlanReading } from "veloz"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { useTwoCpus, withoutMachine } from "../../support/machine-text.js"
import { runVelozIn } from "../../support/run-veloz.js"
import { project } from "../config/project.js"

// Each folder of test/fixtures/plan is a case: a configuration that stands in for that of the engine below, and what
// `veloz plan` says of it. TAKEN is a port that somebody holds, OWNED the one of the engine; the machine counts as one of two CPUs.
// UPDATE_FIXTURES=1 writes what is said now: read it before you keep it.

const CASES = join(process.cwd(), "test/fixtures/plan")
const FIXED = `import { definePlugin } from "veloz"
const schema = { type: "object", properties: { size: { type: "integer", default: 1, "x-veloz-reload": "restart" } } } as const
export default definePlugin({ name: "fixed", version: "1.0.0", veloz: "^1.0.0", schema })
`

useTwoCpus()
const home = project({
  "fixed.ts": FIXED,
  "veloz.config.json": { plugins: { quoter: false, "metrics-api": { port: 0 }, "./fixed.ts": true } },
})
const holder = net.createServer()
let taken = ""
let engine: RunningEngine

test.before(async () => {
  await once(holder.listen(0, "127.0.0.1"), "listening")
  taken = String((holder.address() as net.AddressInfo).port)
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined }
  engine = await startEngine({ cwd: home.folder, env: { PATH: process.env.PATH }, log, version: "1.0.0", watch: false })
})
test.after(async () => {
  holder.close()
  await engine.stop()
})

for (const name of readdirSync(CASES).sort()) {
  test(name, async () => {
    const folder = join(CASES, name)
    for (const file of readdirSync(folder)) copyFileSync(join(folder, file), home.path(file))
    const text = readFileSync(join(folder, "candidate.ts"), "utf8")
    writeFileSync(
      home.path("candidate.ts"),
      text.replaceAll("TAKEN", taken).replaceAll("OWNED", String(engine.address!.port)),
    )
    const said = await inEnvironment(join(folder, "env.json"), planned)
    const expected = join(folder, "expected.txt")
    if (process.env.UPDATE_FIXTURES === "1") writeFileSync(expected, said)
    assert.fixture(said, readFileSync(expected, "utf8"))
    assert.is(engine.facade.configuration.generation(), 1, "nothing came of it")
  })
}

test.run()

/** What is said in words; the same is said as JSON and over HTTP. */
async function planned(): Promise<string> {
  const env = { VELOZ_PORT: String(engine.address!.port) }
  const veloz = (...words: string[]) => runVelozIn({ cwd: home.folder, env }, "plan", "candidate.ts", ...words)
  const { code, out, err } = await veloz()
  const json = await veloz("--json")
  const reading = JSON.parse(json.out) as PlanReading
  assert.equal([json.code, json.err], [code, ""])
  assert.is(code, { nothing: 0, changes: 2, refused: 1 }[reading.outcome])
  for (const { frame, line, column } of reading.problems) assert.ok(frame && line && column, json.out)
  const url = `http://127.0.0.1:${engine.address!.port}/api/config/plan?file=candidate.ts`
  const answer = await fetch(url, { method: "POST" })
  assert.equal([answer.status, await answer.json()], [200, reading])
  const text = `${out}${err}exit code ${code}\n`
  return withoutMachine(text)
    .replaceAll(home.folder, "<project>")
    .replaceAll(taken, "TAKEN")
    .replaceAll(String(engine.address!.port), "OWNED")
    .replaceAll(`(pid ${process.pid})`, "(pid ...)")
}

async function inEnvironment<T>(file: string, work: () => Promise<T>): Promise<T> {
  const variables = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {}
  Object.assign(process.env, variables)
  try {
    return await work()
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name]
  }
}
