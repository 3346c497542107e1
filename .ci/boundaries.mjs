// Checks who imports what, by the rules of .dependency-cruiser.cjs. A checker that sees no modules, or whose rules
// match nothing, reports success as well: so every source must have been seen, and each rule must catch a bad import
// in a tree that is made for it.

import { spawnSync } from "node:child_process"
import fs from "node:fs"
import { createRequire } from "node:module"
import os from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const CONFIG = path.join(ROOT, ".dependency-cruiser.cjs")
const FOLDERS = ["core", "plugins", "presets", "test", "bench", "examples"]

/** One bad import a rule: the file, and the line that is added to it. */
const OFFENCES = {
  "core-knows-no-plugin": ["core/used.ts", `import "../plugins/b/index.js"`],
  "plugins-enter-by-the-doors": ["plugins/a/index.ts", `import "../b/index.js"`],
  "examples-enter-by-the-doors": ["examples/c/src/index.ts", `import "../../../core/used.js"`],
  "hot-reaches-hot-alone": ["core/hot/index.ts", `import "node:fs"`],
  "only-configuration-reads-schemas-and-presets": ["core/used.ts", `import "../presets/fast.js"`],
  "product-knows-no-test": ["core/used.ts", `import "../test/helper.js"`],
  "engine-knows-no-harness": ["core/used.ts", `import "./testing/index.js"`],
  "no-development-package-at-run-time": ["core/used.ts", `import "development-package"`],
  "nothing-unresolved": ["core/used.ts", `import "./missing.js"`],
  "no-cycle-at-run-time": ["core/used.ts", `import "./index.js"`],
  "no-orphan": ["core/alone.ts", "export {}"],
  "no-dead-module": ["core/half-alone.ts", `import "./used.js"`],
}

checkRules()
checkSources()

function checkRules() {
  const { forbidden } = createRequire(import.meta.url)(CONFIG)
  const names = forbidden.map(({ name }) => name)
  const unproved = names.filter((name) => OFFENCES[name] === undefined)
  if (unproved.length > 0)
    fail(`no bad import proves ${unproved.join(", ")}: add one to ${path.basename(import.meta.url)}`)
  const broken = offendedRules([])
  if (broken.length > 0) fail(`the good tree breaks ${broken.join(", ")}`)
  const caught = offendedRules(Object.values(OFFENCES))
  const blind = names.filter((name) => !caught.includes(name))
  if (blind.length > 0) fail(`bad imports went unnoticed that these rules forbid: ${blind.join(", ")}`)
  console.log(`boundaries: ${names.length} rules, each catches a bad import`)
}

function checkSources() {
  const folders = FOLDERS.filter((folder) => fs.existsSync(path.join(ROOT, folder)))
  const { modules, summary } = cruise(ROOT, folders)
  const seen = new Set(modules.map(({ source }) => source))
  const missed = folders.flatMap(sourcesUnder).filter((file) => !seen.has(file))
  if (missed.length > 0) fail(`${missed.length} sources were not seen, ${missed[0]} first`)
  for (const { rule, from, to } of summary.violations)
    console.error(`${rule.name}: ${from}${to === from ? "" : ` -> ${to}`}`)
  if (summary.violations.length > 0) fail(`${summary.violations.length} imports or modules break a rule`)
  const own = modules.filter(({ source }) => FOLDERS.includes(source.split("/")[0])).length
  if (own === 0) fail("no module was seen")
  console.log(`boundaries: ${own} modules seen, all keep to the rules`)
}

/** The rules that a small tree breaks when these lines are added to its files. */
function offendedRules(offences) {
  const tree = fs.mkdtempSync(path.join(os.tmpdir(), "veloz-boundaries-"))
  try {
    const files = goodTree()
    for (const [file, line] of offences) files[file] = `${files[file] ?? ""}\n${line}\n`
    for (const [file, text] of Object.entries(files)) {
      fs.mkdirSync(path.join(tree, path.dirname(file)), { recursive: true })
      fs.writeFileSync(path.join(tree, file), text)
    }
    const folders = FOLDERS.filter((folder) => fs.existsSync(path.join(tree, folder)))
    return cruise(tree, folders).summary.violations.map(({ rule }) => rule.name)
  } finally {
    fs.rmSync(tree, { recursive: true })
  }
}

function goodTree() {
  const { name, type, exports } = JSON.parse(fs.readFileSync(path.join(ROOT, "package.json"), "utf8"))
  const dev = { "development-package": "1.0.0" }
  return {
    "package.json": JSON.stringify({ name, type, exports, devDependencies: dev }),
    "tsconfig.json": fs.readFileSync(path.join(ROOT, "tsconfig.json"), "utf8"),
    "node_modules/development-package/package.json": `{ "name": "development-package", "version": "1.0.0" }`,
    "node_modules/development-package/index.js": "",
    "dist/core/index.js": "",
    "dist/core/index.d.ts": "",
    "dist/core/hot/index.js": "",
    "dist/core/hot/index.d.ts": "",
    "core/index.ts": `import "./used.js"`,
    "core/used.ts": `import "node:fs"`,
    "core/hot/index.ts": `import "./ring.js"`,
    "core/hot/ring.ts": "export {}",
    "core/testing/index.ts": `import "../used.js"`,
    "plugins/a/index.ts": `import "veloz"\nimport "./hot/decode.js"\nimport "node:net"`,
    "plugins/a/hot/decode.ts": `import "veloz/hot"`,
    "plugins/b/index.ts": `import "veloz"`,
    "examples/c/package.json": `{ "name": "c", "type": "module" }`,
    "examples/c/src/index.ts": `import "veloz"\nimport "node:net"`,
    "presets/fast.ts": "export {}",
    "test/helper.ts": "export {}",
    "test/used.test.ts": `import "../core/used.js"\nimport "./helper.js"`,
  }
}

function cruise(folder, folders) {
  const program = path.join(ROOT, "node_modules", "dependency-cruiser", "bin", "dependency-cruise.mjs")
  const words = [program, "--config", CONFIG, "--output-type", "json", ...folders]
  const result = spawnSync(process.execPath, words, { cwd: folder, encoding: "utf8", maxBuffer: 256 * 1024 * 1024 })
  try {
    return JSON.parse(result.stdout)
  } catch {
    return fail(`dependency-cruiser did not answer: ${result.stderr || result.error}`)
  }
}

function sourcesUnder(folder) {
  return fs
    .readdirSync(path.join(ROOT, folder), { recursive: true })
    .map((file) => path.join(folder, file))
    .filter((file) => file.endsWith(".ts") && !file.startsWith(path.join("test", "fixtures")))
}

function fail(sentence) {
  console.error(`boundaries: ${sentence}`)
  process.exit(1)
}
