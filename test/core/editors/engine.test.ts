import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { pluginSource } from "../../support/editors/edited-project.js"
import { until } from "../../support/until.js"
import { type Project, project } from "../config/project.js"

// A running engine and the files for editors beside its configuration.

const QUIET = { quoter: false, "metrics-api": { port: 0 } }

test("start writes the types of a plugin that nobody names, a reload those of one that is named, and neither is a change", async () => {
  const made = project({
    "veloz.config.json": { topology: "fused", plugins: QUIET },
    "plugins/spread.ts": pluginSource("spread_bps"),
    "elsewhere/desk.ts": pluginSource("desk_size"),
  })
  const { engine, lines } = await started(made)
  try {
    await until(() => types(made).includes("spread_bps"), "the types of a plugin that nobody names")
    // What was written just before the start is read once more.
    await sleep(300)
    const reloads = () => lines.filter((line) => /^(generation|nothing changes)/.test(line))
    const before = reloads()
    made.write("plugins/spread.ts", pluginSource("spread_ticks"))
    await until(() => types(made).includes("spread_ticks"), "the types of a file that was saved")
    await sleep(300)
    assert.equal(reloads(), before)

    made.write("veloz.config.json", { topology: "fused", plugins: { ...QUIET, "./elsewhere/desk.ts": {} } })
    await until(() => types(made).includes(`"./elsewhere/desk.ts"?:`), "the types of a plugin by path")
    assert.match(types(made), "desk_size?: number")

    const misspelt = { "./elsewhere/other.ts": { othr_size: 1 } }
    made.write("elsewhere/other.ts", pluginSource("other_size"))
    made.write("veloz.config.json", {
      topology: "fused",
      plugins: { ...QUIET, "./elsewhere/desk.ts": {}, ...misspelt },
    })
    await until(() => types(made).includes("other_size"), "the types of a plugin whose options are refused")

    made.write("plugins/late.ts", pluginSource("late_size"))
    made.write("veloz.config.json", "{ no JSON")
    await until(() => types(made).includes("late_size"), "the types of a plugin that came with a refused save")
    assert.match(types(made), "desk_size?: number")
  } finally {
    await engine.stop()
  }
})

test("a start that is refused tells editors all the same, so that its author can mend the file", async () => {
  const made = project({
    "veloz.config.json": { plugins: { ...QUIET, "./elsewhere/desk.ts": { desk_sze: 1 } } },
    "elsewhere/desk.ts": pluginSource("desk_size"),
  })
  const refusal = await started(made).catch((error: Error) => error.message)
  assert.match(String(refusal), `Did you mean "desk_size"?`)
  assert.match(types(made), "desk_size?: number")
})

test("a folder that cannot be written is told of and stops no engine", async () => {
  const made = project({ "veloz.config.json": { topology: "fused", plugins: QUIET } })
  // Not even root can write into a file as into a folder.
  writeFileSync(made.path(".veloz"), "")
  chmodSync(made.path(".veloz"), 0o444)
  const { engine, lines } = await started(made)
  try {
    await until(() => lines.some((line) => line.includes("editors may not know")), "the notice")
    assert.ok(engine.facade.configuration.generation() > 0)
  } finally {
    await engine.stop()
  }
})

test.run()

async function started(made: Project): Promise<{ engine: RunningEngine; lines: string[] }> {
  const lines: string[] = []
  const write = (message: string): void => void lines.push(message)
  const log = { debug: write, info: write, warn: write, error: write }
  const engine = await startEngine({
    cwd: made.folder,
    env: { PATH: process.env.PATH },
    args: {},
    log,
    version: "1.0.0",
  })
  return { engine, lines }
}

function types(made: Project): string {
  const file = made.path(".veloz/types.d.ts")
  return existsSync(file) ? readFileSync(file, "utf8") : ""
}
