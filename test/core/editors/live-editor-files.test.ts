import { existsSync, readFileSync, rmSync } from "node:fs"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { LiveEditorFiles } from "../../../core/editors/live-editor-files.js"
import { pluginSource } from "../../support/editors/edited-project.js"
import { eventually } from "../../support/editors/editor.js"
import { type Project, project } from "../config/project.js"

const SEEN_WITHIN_MS = 30_000

test("behind a change the files are written; without a configuration file they are not", async () => {
  const made = project({ "plugins/spread.ts": pluginSource("spread_bps") })
  const live = opened()
  live.refresh(await made.configuration().load())
  await live.close()
  assert.not.ok(existsSync(made.path(".veloz")))

  made.write("veloz.config.json", {})
  const other = opened()
  other.refresh(await made.configuration().load())
  await has(made, "spread_bps")
  await other.close()
})

test("a package that is installed and files of plugins/ that come, change and go are seen while the engine runs", async () => {
  const made = project({ "veloz.config.json": {} })
  const live = opened({ watch: true })
  live.refresh(await made.configuration().load())
  await has(made, `import "veloz"`)

  made.write("plugins/spread.ts", pluginSource("spread_bps"))
  await has(made, "spread_bps")
  made.write("plugins/spread.ts", pluginSource("spread_ticks"))
  await has(made, "spread_ticks")

  made.write("node_modules/veloz-plugin-desk/package.json", {
    name: "veloz-plugin-desk",
    version: "1.0.0",
    type: "module",
    main: "index.js",
    keywords: ["veloz-plugin"],
  })
  made.write("node_modules/veloz-plugin-desk/index.js", pluginSource("desk_size"))
  // npm writes it when everything is in its place.
  made.write("node_modules/.package-lock.json", {})
  await has(made, "desk_size")

  rmSync(made.path("plugins/spread.ts"))
  await has(made, /^(?!.*spread_ticks)/s)
  await live.close()
})

test("what cannot be written is told once, and the engine goes on", async () => {
  const made = project({ "veloz.config.json": {}, ".veloz": "a file where the folder would be" })
  const notices: string[] = []
  const live = opened({ onNotice: (notice) => notices.push(notice) })
  const config = await made.configuration().load()
  for (let change = 0; change < 3; change++) {
    live.refresh(config)
    await eventually(
      async () => notices,
      ({ length }) => length > 0,
    )
    await sleep(20)
  }
  await live.close()
  assert.is(notices.length, 1)
  assert.match(notices[0], /^cannot write .*\.veloz, /)
})

test("closing waits for no plugin whose code does not end, and writes nothing afterwards", async () => {
  const made = project({ "veloz.config.json": {}, "plugins/hangs.ts": "while (true) {}" })
  const live = opened()
  live.refresh(await made.configuration().load())
  await sleep(200)
  const startedMs = performance.now()
  await live.close()
  assert.ok(performance.now() - startedMs < 4_000)
  live.refresh(await made.configuration().load())
  assert.not.ok(existsSync(made.path(".veloz")))
})

test.run()

function opened(options: Partial<ConstructorParameters<typeof LiveEditorFiles>[0]> = {}): LiveEditorFiles {
  const fail = (notice: string) => assert.unreachable(notice)
  return new LiveEditorFiles({ watch: false, onNotice: fail, ...options })
}

async function has(made: Project, wanted: string | RegExp): Promise<void> {
  const deadline = performance.now() + SEEN_WITHIN_MS
  const file = made.path(".veloz/types.d.ts")
  const isThere = () => existsSync(file) && readFileSync(file, "utf8").match(wanted) !== null
  while (!isThere() && performance.now() < deadline) await sleep(20)
  assert.match(readFileSync(file, "utf8"), wanted)
}
