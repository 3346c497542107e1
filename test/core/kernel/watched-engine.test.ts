import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { config, inProject, Project, taken } from "../../support/engine-project.js"
import { inEachTopology } from "../../support/topologies.js"

// Whole engines: one that watches a project with imported files of each kind, of which a save alone brings each live; and
// one whose plugins say what becomes of them while their neighbour changes.

const CONFIG = `import { openOrders } from "shared"
import { defineConfig } from "veloz"
import { depth } from "./values/depth.js"

export default defineConfig({
  presets: ["./desk.ts"],
  plugins: {
    quoter: false,
    "market-data": { order_book_depth: depth },
    "order-processing": { max_open_orders: openOrders },
    "./plugins/mine.ts": true,
    "veloz-plugin-far": true,
  },
})
`

const preset = (perSecond: number): string => `import { definePreset } from "veloz"
const plugins = { "order-processing": { max_orders_per_second: ${perSecond} } }
export default definePreset({ name: "desk", extends: ["low-latency"], plugins })
`

const saying = (version: string, word: string): string => `import { definePlugin } from "veloz"
import { greeting } from "./greeting.js"
const engine = ({ log }) => log.info(greeting + " ${word}")
export default definePlugin({ name: "mine", version: "${version}", veloz: "^1.0.0", engine })
`

const manifest = (version: string, main: string): string =>
  JSON.stringify({ name: "veloz-plugin-far", version, type: "module", main, keywords: ["veloz-plugin"] })

const far = (version: string): string => `import { definePlugin } from "veloz"
const engine = ({ log }) => log.info("far ${version}")
export default definePlugin({ name: "far", version: "${version}", veloz: "^1.0.0", engine })
`

const FILES = {
  "veloz.config.ts": CONFIG,
  "desk.ts": preset(100),
  "values/depth.ts": "export const depth: number = 5\n",
  "plugins/mine.ts": saying("1.0.0", "world"),
  "plugins/greeting.ts": `export const greeting = "hello"\n`,
  "packages/shared/package.json": JSON.stringify({
    name: "shared",
    version: "1.0.0",
    type: "module",
    main: "index.js",
  }),
  "packages/shared/index.js": "export const openOrders = 50\n",
  "node_modules/veloz-plugin-far/package.json": manifest("1.0.0", "index.js"),
  "node_modules/veloz-plugin-far/index.js": far("1.0.0"),
}

inEachTopology("each file that a configuration stands on is live by its save alone", async (topology) => {
  const project = new Project(topology)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(project.cwd, file)), { recursive: true })
    writeFileSync(join(project.cwd, file), text)
  }
  const isLive = (plugin: string, option: string, value: unknown): Promise<unknown> =>
    project.until(`${plugin}.${option} is ${value}`, () => project.option(plugin, option) === value)
  const isSaid = (text: string): Promise<unknown> =>
    project.until(text, () => project.lines.some((line) => line.includes(text)))
  const isVersion = (plugin: string, wanted: string): Promise<unknown> =>
    project.until(`${plugin} is ${wanted}`, () =>
      project.facade.configuration.plugins().some(({ name, version }) => name === plugin && version === wanted),
    )
  for (const [file, text] of Object.entries(FILES)) write(file, text)
  symlinkSync("../packages/shared", join(project.cwd, "node_modules/shared"))
  try {
    await project.start({ watch: true })
    await isSaid("hello world")

    write("values/depth.ts", "export const depth: number = 7\n")
    await isLive("market-data", "order_book_depth", 7)
    write("desk.ts", preset(200))
    await isLive("order-processing", "max_orders_per_second", 200)
    write("packages/shared/index.js", "export const openOrders = 60\n")
    await isLive("order-processing", "max_open_orders", 60)
    write("plugins/greeting.ts", `export const greeting = "good day"\n`)
    await isSaid("good day world")
    write("plugins/mine.ts", saying("1.1.0", "everybody"))
    await isSaid("good day everybody")
    await isVersion("./plugins/mine.ts", "1.1.0")

    const generation = project.facade.configuration.generation()
    write("values/depth.ts", "export const depth: number =\n")
    await isSaid("refused")
    assert.is(project.facade.configuration.generation(), generation)
    write("values/depth.ts", "export const depth: number = 8\n")
    await isLive("market-data", "order_book_depth", 8)

    // As npm does it: the old folder moves aside, the new one comes under its name, the old one goes.
    renameSync(join(project.cwd, "node_modules/veloz-plugin-far"), join(project.cwd, "node_modules/.far-old"))
    write("node_modules/veloz-plugin-far/package.json", manifest("1.1.0", "dist/main.js"))
    write("node_modules/veloz-plugin-far/dist/main.js", far("1.1.0"))
    rmSync(join(project.cwd, "node_modules/.far-old"), { recursive: true })
    await isSaid("far 1.1.0")
    await isVersion("veloz-plugin-far", "1.1.0")
    assert.ok((await project.market()) > 0, "and the market goes on")
  } finally {
    await project.end()
  }
})

/** Each of its parts says that it was made, retuned or disposed of. */
const telling = (name: string, word = "made"): string => `import { definePlugin } from "veloz"
const part = (role) => ({ log }) => {
  const tell = (what) => log.info("${name} " + role + " " + what)
  tell("${word}")
  return { retune: () => tell("retuned"), dispose: () => tell("disposed") }
}
export default definePlugin({
  name: "${name}", version: "1.0.0", veloz: "^1.0.0",
  schema: { type: "object", properties: { size: { type: "integer", default: 1, "x-veloz-reload": "live" } } },
  control: part("control"), network: part("network"), engine: part("engine"), strategy: part("strategy"),
})
`
const PARTS = ["control", "engine", "network", "strategy"]

inEachTopology("what changes beside a plugin does not touch it", async (topology) => {
  const run = async (project: Project): Promise<void> => {
    const told = (plugin: string): string[] => project.lines.filter((line) => line.startsWith(`${plugin} `)).sort()
    const all = (what: string): string[] => PARTS.map((part) => `changing ${part} ${what}`)
    await project.until("all parts are made", () => told("quiet").length === 4 && told("changing").length === 4)
    project.lines.length = 0

    await taken(project, config({ "./changing.ts": { size: 2 }, "./quiet.ts": true }))
    await project.until("its neighbour is retuned", () => told("changing").length === 4)
    assert.equal(told("changing"), all("retuned"))

    writeFileSync(join(project.cwd, "changing.ts"), telling("changing", "made anew"))
    assert.ok(await project.engine.reload())
    await project.until("its neighbour is another one", () => told("changing").length === 12)
    assert.equal(told("changing"), [...all("disposed"), ...all("made anew"), ...all("retuned")].sort())

    await taken(
      project,
      config({ "market-data": { conflate_updates: true }, "./changing.ts": { size: 2 }, "./quiet.ts": true }),
    )
    await taken(project, config({ "./quiet.ts": true }))
    await project.until("its neighbour is gone", () => told("changing").length === 16)
    assert.equal(told("quiet"), [])
  }
  const files = { "changing.ts": telling("changing"), "quiet.ts": telling("quiet") }
  await inProject(config({ "./changing.ts": true, "./quiet.ts": true }), run, { topology, files })
})

test.run()
