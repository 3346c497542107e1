import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runCommandLine } from "../../../core/cli/program.js"

const folder = realpathSync(mkdtempSync(join(tmpdir(), "veloz-plugin-new-")))
test.after(() => rmSync(folder, { recursive: true }))

async function pluginNew(cwd: string, ...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: "", err: "" }
  const into = (key: keyof typeof texts): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        texts[key] += chunk
        done()
      },
    })
  const environment = { cwd, env: {}, stdout: into("out"), stderr: into("err") }
  const code = await runCommandLine(["plugin", "new", ...words], environment as never)
  return { code, ...texts }
}

/** An empty folder, with a package.json if wished. */
function project(name: string, manifest?: object): string {
  const cwd = join(folder, name)
  mkdirSync(cwd)
  if (manifest !== undefined) writeFileSync(join(cwd, "package.json"), JSON.stringify(manifest))
  return cwd
}

const manifestOf = (cwd: string, name: string) => JSON.parse(readFileSync(join(cwd, name, "package.json"), "utf8"))

function textOf(root: string): string {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")).join("\n")
}

test("a name that means something else where it is imported is refused, and a word of the language is none of these", async () => {
  const cwd = project("reserved")
  for (const name of ["veloz", "fs", "crypto"]) {
    const { code, err } = await pluginNew(cwd, name)
    assert.is(code, 1)
    assert.match(err, "VELOZ_PLUGIN_NAME")
  }
  assert.equal(readdirSync(cwd), [])
  for (const name of ["class", "test", "engine", "@desk/veloz"]) assert.is((await pluginNew(cwd, name)).code, 0)
  for (const name of ["class", "test", "engine"]) {
    assert.match(readFileSync(join(cwd, name, "test/index.test.ts"), "utf8"), `import plugin from "../src/index.js"`)
  }
})

for (const [kind, template] of [
  ["risk", /max.?notional/i],
  ["strategy", /mid.?quoter/i],
  ["metrics", /trade.?stats/i],
] as const) {
  test(`--kind ${kind} writes a whole package under the new name, and nothing of the old one`, async () => {
    const cwd = project(kind)
    const { code, out, err } = await pluginNew(cwd, "desk-limit", "--kind", kind)
    assert.equal([code, err], [0, ""])
    for (const file of ["package.json", "tsconfig.json", "README.md", ".gitignore", "src/index.ts", "src/schema.ts"]) {
      assert.ok(existsSync(join(cwd, "desk-limit", file)), file)
      assert.match(out, `wrote  desk-limit/${file}\n`)
    }
    assert.ok(existsSync(join(cwd, "desk-limit", "test/index.test.ts")))
    const text = textOf(join(cwd, "desk-limit"))
    assert.not.match(text, template)
    assert.match(text, 'name: "desk-limit"')
    assert.match(text, "import plugin from")
    assert.match(text, "# desk-limit\n")
    const { name, keywords, license, peerDependencies, devDependencies } = manifestOf(cwd, "desk-limit")
    assert.equal({ name, keywords, license }, { name: "desk-limit", keywords: ["veloz-plugin"], license: undefined })
    assert.equal([peerDependencies.veloz, devDependencies.veloz], ["^1.0.0", "^1.0.0"])
    assert.equal(readdirSync(cwd), ["desk-limit"], "nothing else is left")
    for (const step of ["npm install\n  npm test\n", "npm install ./desk-limit\n", '"desk-limit": {}\n']) {
      assert.match(out, step)
    }
  })
}

test("a scoped package has its scope in the configuration, and not in the name of the plugin", async () => {
  const cwd = project("scoped")
  await pluginNew(cwd, "@desk/limit-7")
  assert.is(manifestOf(cwd, "limit-7").name, "@desk/limit-7")
  assert.match(readFileSync(join(cwd, "limit-7/src/index.ts"), "utf8"), 'name: "limit-7"')
  assert.match(readFileSync(join(cwd, "limit-7/README.md"), "utf8"), 'plugins: { "@desk/limit-7": {')
})

test("it asks for the veloz of the project around it, wherever that is from", async () => {
  for (const [spec, expected] of [
    ["^1.2.0", "^1.2.0"],
    ["file:../veloz.tgz", "file:../../veloz.tgz"],
    ["file:veloz.tgz", "file:../veloz.tgz"],
    ["file:/opt/veloz", /^file:(\.\.\/)+opt\/veloz$/],
    ["github:desk/veloz", "github:desk/veloz"],
  ] as const) {
    const cwd = project(`from-${spec.replaceAll(/\W/g, "-")}`, { dependencies: { veloz: spec } })
    await pluginNew(cwd, "limit")
    const { veloz } = manifestOf(cwd, "limit").devDependencies
    if (typeof expected === "string") assert.is(veloz, expected)
    else assert.match(veloz, expected)
  }
})

test("what is there is never overwritten", async () => {
  const cwd = project("taken")
  mkdirSync(join(cwd, "mine"))
  writeFileSync(join(cwd, "mine", "notes"), "mine")
  writeFileSync(join(cwd, "file"), "a file")
  for (const name of ["mine", "file"]) {
    const { code, err } = await pluginNew(cwd, name)
    assert.is(code, 1)
    assert.match(err, "VELOZ_PLUGIN_FOLDER")
  }
  assert.equal(readdirSync(cwd).sort(), ["file", "mine"])
  assert.equal(readdirSync(join(cwd, "mine")), ["notes"])
  mkdirSync(join(cwd, "empty"))
  assert.is((await pluginNew(cwd, "empty")).code, 0)
})

test("a name that no plugin can have, or that one of VeloZ's own has, is refused", async () => {
  const cwd = project("names")
  for (const name of ["Mine", "my_plugin", "../mine", "a/b", "mine-", "@desk/", "quoter", "@desk/market-data"]) {
    const { code, err } = await pluginNew(cwd, name)
    assert.is(code, 1, name)
    assert.match(err, "VELOZ_PLUGIN_NAME", name)
  }
  assert.equal(readdirSync(cwd), [])
})

test.run()
