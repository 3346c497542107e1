import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Diagnostic } from "../../../core/config/diagnostic.js"
import { problemOf, project } from "./project.js"

const MARKET = "plugins.market-data"

test("TypeScript, JavaScript, CommonJS, JSON with comments and YAML say the same", async () => {
  const files = {
    "veloz.config.ts":
      'import { defineConfig } from "veloz"\nconst topology = "fused" as const\nexport default defineConfig({ topology })',
    "veloz.config.mts": "export default { topology: 'fused' }",
    "veloz.config.js": "export default { topology: 'fused' }",
    "veloz.config.mjs": "export default { topology: 'fused' }",
    "veloz.config.cjs": "module.exports = { topology: 'fused' }",
    "veloz.config.json": '{\n  // on one thread\n  "topology": "fused",\n}',
    "veloz.config.yaml": "# on one thread\ntopology: fused\n",
    "veloz.config.yml": "topology: fused\n",
  }
  for (const [name, content] of Object.entries(files)) {
    const config = await project({ [name]: content })
      .configuration()
      .load()
    assert.is(config.topology, "fused", name)
  }
})

test("an async function gets the environment", async () => {
  const home = project({
    "veloz.config.ts": `import type { ConfigEnv } from "veloz"
      export default async (env: ConfigEnv) => ({ topology: env.env.SHAPE, symbols: [await Promise.resolve("ETHUSDT")] })`,
  })
  const config = await home.configuration({ env: { SHAPE: "split" } }).load()
  assert.is(config.topology, "split")
  assert.equal(config.symbols, ["ETHUSDT"])
})

test("local imports are followed, watched, and read anew", async () => {
  const home = project({
    "veloz.config.ts": 'import { topology } from "./parts/base.js"\nexport default { topology }',
    "parts/base.ts": 'export const topology: string = "fused"',
  })
  const configuration = home.configuration()
  assert.is((await configuration.load()).topology, "fused")
  assert.ok(configuration.files.includes(home.path("parts/base.ts")))
  home.write("parts/base.ts", 'export const topology: string = "split"')
  assert.is((await configuration.load()).topology, "split")
})

test("import.meta is that of each file", async () => {
  const home = project({
    "veloz.config.ts": `import { name } from "./parts/base.js"
      import { basename } from "node:path"
      export default { plugins: { "kernel-tuning": { sysctl: { "a.b": name, "c.d": basename(import.meta.filename), "e.f": import.meta.url } } } }`,
    "parts/base.ts": "export const name = import.meta.dirname",
  })
  const config = await home.configuration().load()
  const entry = config.plugins.find(({ name }) => name === "kernel-tuning")
  assert.equal(entry?.options.sysctl, {
    "a.b": home.path("parts"),
    "c.d": "veloz.config.ts",
    "e.f": `file://${home.path("veloz.config.ts")}`,
  })
})

test("packages are found from the configuration's own folder", async () => {
  const home = project({
    "veloz.config.ts": 'import { topology } from "shapes"\nexport default { topology }',
    "node_modules/shapes/package.json": { name: "shapes", main: "index.js" },
    "node_modules/shapes/index.js": "exports.topology = 'split'",
  })
  const configuration = home.configuration()
  assert.is((await configuration.load()).topology, "split")
  assert.not(configuration.files.some((file) => file.includes("node_modules")))
})

test("a package with the keyword veloz-plugin is part of the bundle, so that its upgrade is seen", async () => {
  const home = project({
    "veloz.config.ts": 'import { topology } from "shapes"\nexport default { topology }',
    "node_modules/shapes/package.json": { name: "shapes", main: "index.js", keywords: ["veloz-plugin"] },
    "node_modules/shapes/index.js": "exports.topology = 'split'",
  })
  const configuration = home.configuration()
  await configuration.load()
  home.write("node_modules/shapes/index.js", "exports.topology = 'fused'")
  assert.is((await configuration.load()).topology, "fused")
  assert.ok(configuration.files.includes(home.path("node_modules/shapes/index.js")))
})

test("a syntax error in TypeScript has its place", async () => {
  const home = project({
    "veloz.config.ts": 'import "./base.js"\nexport default {}',
    "base.ts": "const a = 1\nconst b = = 2\n",
  })
  const configuration = home.configuration()
  const problem = await problemOf(configuration.load())
  assert.is(problem.code, "VELOZ_CONFIG_SYNTAX")
  assert.equal([problem.file, problem.line, problem.column], [home.path("base.ts"), 2, 11])
  assert.match(problem.frame ?? "", "> 2 | const b = = 2")
  assert.ok(configuration.files.includes(home.path("base.ts")), "the mend is waited for")
})

test("a column counts characters, not bytes", async () => {
  const home = project({ "veloz.config.ts": 'const a = "µµµ" = 2\nexport default {}' })
  assert.is((await problemOf(home.configuration().load())).column, 11)
})

test("a syntax error in JSON and in YAML has its place", async () => {
  const json = await problemOf(project({ "veloz.config.json": '{\n  "topology": fused\n}' }).configuration().load())
  assert.is(json.code, "VELOZ_CONFIG_SYNTAX")
  assert.equal([json.line, json.column], [2, 15])
  const yaml = await problemOf(project({ "veloz.config.yaml": "topology: fused\nplugins: [\n" }).configuration().load())
  assert.is(yaml.code, "VELOZ_CONFIG_SYNTAX")
  assert.is(yaml.line, 3)
})

test("a key that is set twice is refused in every format", async () => {
  const json = await problemOf(
    project({ "veloz.config.json": '{\n "topology": "auto",\n "topology": "auto" }' }).configuration().load(),
  )
  assert.equal([json.code, json.path, json.line, json.column], ["VELOZ_CONFIG_DUPLICATE", "topology", 3, 2])
  const yaml = await problemOf(
    project({ "veloz.config.yml": "topology: auto\ntopology: auto\n" }).configuration().load(),
  )
  assert.is(yaml.line, 2)
  const script = await problemOf(
    project({ "veloz.config.ts": "export default {\n  topology: 'auto',\n  topology: 'auto',\n}" })
      .configuration()
      .load(),
  )
  assert.is(script.line, 3)
})

test("an unknown option in YAML has the place of its key, a bad value its own", async () => {
  const home = project({
    "veloz.config.yaml": "plugins:\n  market-data:\n    order_book_dept: 1\n    update_throttle_us: fast\n",
  })
  const { diagnostics } = await home
    .configuration()
    .load()
    .catch((error) => error)
  assert.equal(
    diagnostics.map((problem: { path: string; line: number; column: number }) => [
      problem.path,
      problem.line,
      problem.column,
    ]),
    [
      [`${MARKET}.order_book_dept`, 3, 5],
      [`${MARKET}.update_throttle_us`, 4, 25],
    ],
  )
})

test("a configuration that throws is told with the place in its source", async () => {
  const home = project({
    "veloz.config.ts": 'import { depth } from "./base.js"\nexport default { depth: depth(undefined as never) }',
    "base.ts":
      "interface Book { levels: number[] }\n\nexport function depth(book: Book): number {\n  return book.levels.length\n}\n",
  })
  const problem = await problemOf(home.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_THREW")
  assert.match(problem.message, "TypeError")
  assert.equal([problem.file, problem.line], [home.path("base.ts"), 4])
})

test("a configuration function that rejects is told with the place in its source", async () => {
  const home = project({
    "veloz.config.ts": '\nexport default async () => {\n  await 1\n  throw new Error("no depth")\n}',
  })
  const problem = await problemOf(home.configuration().load())
  assert.match(problem.message, "no depth")
  assert.equal([problem.file, problem.line], [home.path("veloz.config.ts"), 4])
})

test("functions and class instances in options are refused with their path", async () => {
  const home = project({
    "veloz.config.ts":
      "export default { plugins: { 'kernel-tuning': { sysctl: { 'a.b': () => 1 } } }, symbols: [new Date(0)] }",
  })
  const { diagnostics } = await home
    .configuration()
    .load()
    .catch((error) => error)
  const told = diagnostics.filter((problem: { code: string }) => problem.code === "VELOZ_CONFIG_NOT_DATA")
  assert.equal(
    told.map((problem: { path: string }) => problem.path),
    ['plugins.kernel-tuning.sysctl["a.b"]', "symbols[0]"],
  )
  assert.match(told[0].message, "must be plain data, was a function")
  assert.match(told[1].message, "an instance of Date")
})

test("a bad value in TypeScript is told where it was written, through variables, spreads and factories", async () => {
  const home = project({
    "veloz.config.ts": `import { defineConfig } from "veloz"
import { base, quoter } from "./base.js"

export default defineConfig({
  ...base,
  plugins: {
    ...base.plugins,
    "order-processing": { batch_size: 0 },
    quoter: quoter(-1),
    alerts: { rule: [] },
  },
})
`,
    "base.ts": `type Depth = number
const depth: Depth = 0
export const base = { topology: "fussed", plugins: { "market-data": { conflate_updates: true, order_book_depth: depth } } }
export const quoter = (perSecond: number) => ({
  orders_per_second: perSecond,
})
`,
  })
  const { diagnostics } = await home
    .configuration()
    .load()
    .catch((error) => error)
  const places = diagnostics.map((problem: Diagnostic) => [
    problem.path,
    problem.file?.slice(home.folder.length + 1),
    problem.line,
    problem.column,
  ])
  assert.equal(places.sort(), [
    ["plugins.alerts.rule", "veloz.config.ts", 10, 15],
    ["plugins.market-data.order_book_depth", "base.ts", 3, 113],
    ["plugins.order-processing.batch_size", "veloz.config.ts", 8, 39],
    ["plugins.quoter.orders_per_second", "base.ts", 5, 22],
    ["topology", "base.ts", 3, 33],
  ])
  assert.match(diagnostics.find((problem: Diagnostic) => problem.line === 8).frame, "> 8 |")
})

test("a file without a default export is refused", async () => {
  const home = project({ "veloz.config.ts": 'import { defineConfig } from "veloz"\ndefineConfig({})' })
  assert.is((await problemOf(home.configuration().load())).code, "VELOZ_CONFIG_NO_EXPORT")
})

test("a missing import is told where it is, and waited for", async () => {
  const home = project({ "veloz.config.ts": 'import { a } from "./parts/not-there"\nexport default { a }' })
  const configuration = home.configuration()
  const problem = await problemOf(configuration.load())
  assert.equal([problem.code, problem.line, problem.column], ["VELOZ_CONFIG_SYNTAX", 1, 19])
  assert.ok(configuration.files.includes(home.path("parts/not-there.ts")))
})

test("the configuration gets the running engine's own module", async () => {
  const seen: unknown[] = []
  const modules = { veloz: { tell: (value: unknown) => seen.push(value) }, "veloz/hot": { Side: "hot" } }
  const home = project({
    "veloz.config.ts": 'import { tell } from "veloz"\nimport { Side } from "veloz/hot"\ntell(Side)\nexport default {}',
  })
  await home.configuration({ modules }).load()
  assert.equal(seen, ["hot"])
})

test.run()
