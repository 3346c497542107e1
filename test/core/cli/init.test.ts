import { mkdirSync, readdirSync, readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { STARTER_CONFIGS } from "../../../core/cli/starter-files.js"
import { runVelozIn } from "../../support/run-veloz.js"
import { type Project, project } from "../config/project.js"

test("an empty folder becomes a project: configuration, package.json, tsconfig, what editors read", async () => {
  const { made, out } = await initIn(project(), "desk")
  assert.equal(readdirSync(made.path("desk")).sort(), [
    ".gitignore",
    ".veloz",
    "package.json",
    "tsconfig.json",
    "veloz.config.ts",
  ])
  assert.match(read(made, "desk/veloz.config.ts"), /^\/\/\/ <reference path="\.\/\.veloz\/types\.d\.ts" \/>\n/)
  const { name, type, scripts, dependencies } = JSON.parse(read(made, "desk/package.json"))
  assert.equal(
    { name, type, scripts },
    { name: "desk", type: "module", scripts: { start: "veloz start", check: "veloz check" } },
  )
  assert.match(dependencies.veloz, /^\^\d/)
  assert.match(out, "wrote  veloz.config.ts\nwrote  package.json\n")
  assert.match(out, "next:\n  cd desk\n  npm install\n  npm start\n")
})

test("JSON has its $schema and YAML its modeline, and neither a tsconfig", async () => {
  for (const format of ["json", "yaml"]) {
    const { made } = await initIn(project(), "--format", format, "desk")
    assert.equal(readdirSync(made.path("desk")).sort(), [
      ".gitignore",
      ".veloz",
      "package.json",
      `veloz.config.${format}`,
    ])
    assert.ok(readdirSync(made.path("desk/.veloz")).includes("config.schema.json"))
  }
  assert.match(STARTER_CONFIGS.json, `"$schema": "./.veloz/config.schema.json"`)
  assert.match(STARTER_CONFIGS.yaml, /^# yaml-language-server: \$schema=\.\/\.veloz\/config\.schema\.json\n/)
})

test("the configurations of all formats are accepted, and say the same", async () => {
  const values = await Promise.all(
    Object.entries(STARTER_CONFIGS).map(async ([format, text]) => {
      const config = await project({ [`veloz.config.${format}`]: text })
        .configuration()
        .load()
      assert.equal(config.notices, [])
      return config.values
    }),
  )
  assert.equal(values[1], values[0])
  assert.equal(values[2], values[0])
  assert.equal(values[0].presets, ["low-latency"])
})

const EXISTING: Readonly<Record<string, { config: string; missing: string }>> = {
  ts: { config: "export default {}\n", missing: `/// <reference path="./.veloz/types.d.ts" />` },
  json: { config: "{}\n", missing: `"$schema": "./.veloz/config.schema.json"` },
  yaml: { config: "plugins: {}\n", missing: "# yaml-language-server: $schema=./.veloz/config.schema.json" },
}
const OLD = {
  "package.json": `{ "name": "old", "scripts": { "start": "node ." } }`,
  "tsconfig.json": "{}",
  ".gitignore": "dist/\n",
}

for (const [format, { config, missing }] of Object.entries(EXISTING)) {
  const file = `veloz.config.${format}`

  test(`in an existing project everything stays as it is, and what misses is told, ${format}`, async () => {
    const files = { [file]: config, ...OLD }
    const { made, out } = await initIn(project(files), "--format", format)
    for (const [name, text] of Object.entries(files)) assert.is(read(made, name), text)
    assert.match(out, `kept   ${file}\nkept   package.json\n`)
    assert.match(out, `add to ${file}:\n  ${missing}`)
    assert.match(out, "next:\n  npm install veloz\n  npx veloz start\n")
  })

  test(`a project without a configuration gets a commented one, ${format}`, async () => {
    const { made, out } = await initIn(project(OLD), "--format", format)
    for (const [name, text] of Object.entries(OLD)) assert.is(read(made, name), text)
    assert.match(out, `wrote  ${file}\n`)
    assert.match(read(made, file), missing)
    assert.match(read(made, file), format === "yaml" ? /\n *# \w/ : /\n *\/\/ \w/)
  })
}

test("it may be run twice", async () => {
  const { made } = await initIn(project())
  const before = read(made, "veloz.config.ts")
  const { out } = await initIn(made)
  assert.is(read(made, "veloz.config.ts"), before)
  assert.match(out, "kept   veloz.config.ts\n")
  assert.not.match(out, "add to")
})

test("a configuration in another format than the wished one is an error, and nothing is written", async () => {
  const made = project({ "veloz.config.yaml": "plugins: {}\n" })
  const { code, err } = await runVelozIn({ cwd: made.folder }, "init", "--format", "json")
  assert.is(code, 1)
  assert.match(err, /^veloz: VELOZ_INIT_FORMAT: cannot write veloz\.config\.json: .*veloz\.config\.yaml is the conf/)
  assert.equal(readdirSync(made.folder).sort(), ["package.json", "veloz.config.yaml"])
})

test("where nothing can be written it says so", async () => {
  const made = project({ file: "" })
  const { code, err } = await runVelozIn({ cwd: made.folder }, "init", "file")
  assert.is(code, 1)
  assert.match(err, /^veloz: VELOZ_INIT_UNWRITABLE: cannot write .*file.veloz\.config\.ts: /)
})

test("a place where no folder can be made is an error at once", async () => {
  const { code, err } = await runVelozIn({ cwd: "/" }, "init", "/proc/no-such-folder")
  assert.is(code, 1)
  assert.match(
    err,
    /^veloz: VELOZ_INIT_UNWRITABLE: cannot write \/proc\/no-such-folder\/veloz\.config\.ts: (ENOENT|EACCES)/,
  )
})

test("a tsconfig above is not hidden by another one, and odd names of folders make good names of packages", async () => {
  const made = project({ "tsconfig.json": "{}" })
  mkdirSync(made.path("My Desk (2)"))
  const { out } = await initIn(made, "My Desk (2)")
  assert.is(JSON.parse(read(made, "My Desk (2)/package.json")).name, "my-desk-2")
  assert.not.ok(readdirSync(made.path("My Desk (2)")).includes("tsconfig.json"))
  assert.match(out, "  cd 'My Desk (2)'\n")
})

test.run()

async function initIn(made: Project, ...words: string[]): Promise<{ made: Project; out: string }> {
  const { code, out, err } = await runVelozIn({ cwd: made.folder }, "init", ...words)
  assert.is(code, 0, err)
  return { made, out }
}

function read(made: Project, name: string): string {
  return readFileSync(made.path(name), "utf8")
}
