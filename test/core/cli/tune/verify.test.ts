import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVelozIn } from "../../../support/run-veloz.js"
import { RunningEngine } from "../../../support/running-engine.js"

const COMMAND = [process.execPath, path.resolve("dist/core/cli/main.js")]
const NODELAY = "TCP_NODELAY"

test("sockets are asked of the engine of the project, on whatever port it listens, and of nobody when it is gone", async () => {
  const cwd = mkdtempSync(path.join(tmpdir(), "veloz-verify-"))
  writeFileSync(path.join(cwd, "veloz.config.json"), JSON.stringify({ plugins: { quoter: true } }))
  const engine = await RunningEngine.start(COMMAND, cwd)
  try {
    await engine.trading()
    assert.match(await verified(cwd), /^ok /)
    await engine.stop("SIGKILL")
    assert.match(await verified(cwd), /no engine answers that could tell/)
  } finally {
    await engine.stop("SIGKILL")
    rmSync(cwd, { recursive: true })
  }
})

test.run()

/** What is said of the first socket option. */
async function verified(cwd: string): Promise<string> {
  const { out, err } = await runVelozIn({ cwd, env: {} }, "tune", "verify")
  const line = out.split("\n").find((text) => text.includes(NODELAY))
  assert.ok(line !== undefined, `${NODELAY} is not told of:\n${out}${err}`)
  return line!
}
