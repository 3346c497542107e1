import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import semver from "semver"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { installPacked } from "../support/packed.js"
import { RunningEngine } from "../support/running-engine.js"
import { testUnless } from "../support/skip.js"

// What somebody gets who installs the package: the tarball in an empty folder, without our sources and tools.

const folder = mkdtempSync(join(tmpdir(), "veloz-pack-"))
const installed = testUnless(installPacked(folder))

installed("the packed package starts in an empty folder, answers, and ends with exit code 0", async () => {
  const engine = await RunningEngine.start([join(folder, "node_modules", ".bin", "veloz")], folder)
  try {
    const health = await engine.get("/api/health")
    assert.is(health.engine, "running")
    assert.is(health.version, manifest().version)
  } finally {
    assert.is(await engine.stop("SIGINT"), 0)
  }
})

installed("everything that is installed runs on the oldest Node that is promised", () => {
  const modules = join(folder, "node_modules")
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((part) => join(name, part)) : [name],
  )
  const manifests = names.filter((name) => existsSync(join(modules, name, "package.json")))
  assert.ok(manifests.length > 50, `${manifests.length} packages`)
  const newer = manifests.filter((name) => {
    const { engines } = JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"))
    return engines?.node !== undefined && !semver.satisfies("20.19.0", engines.node)
  })
  assert.equal(newer, [])
})

for (const format of ["ts", "json", "yaml"]) {
  installed(`a project that veloz init makes in ${format} starts and trades`, async () => {
    const veloz = join(folder, "node_modules", ".bin", "veloz")
    const project = join(folder, `project-${format}`)
    execFileSync(veloz, ["init", "--format", format, project])
    const engine = await RunningEngine.start([veloz], project)
    try {
      await engine.trading()
      assert.equal((await engine.get("/api/book?symbol=BTCUSDT&depth=1")).symbol, "BTCUSDT")
    } finally {
      assert.is(await engine.stop(), 0)
    }
  })
}

installed("the configuration that veloz init writes has the types of the package, in both compilers", () => {
  const project = join(folder, "project-checked")
  execFileSync(join(folder, "node_modules", ".bin", "veloz"), ["init", project])
  for (const compiler of ["typescript", "typescript-native"]) {
    const words = [join("node_modules", compiler, "bin/tsc"), "-p", project]
    const check = () => spawnSync(process.execPath, words, { encoding: "utf8" })
    const file = join(project, "veloz.config.ts")
    const text = readFileSync(file, "utf8")
    assert.is(check().stdout, "")
    writeFileSync(file, text.replace("order_book_depth", "order_book_deth"))
    assert.match(check().stdout, "Did you mean to write 'order_book_depth'?")
    writeFileSync(file, text)
  }
})

installed("in such a project a plugin of one's own has types, once veloz check has seen its file", () => {
  const project = join(folder, "project-plugin")
  const veloz = (...words: string[]) =>
    execFileSync(join(folder, "node_modules", ".bin", "veloz"), words, { cwd: project })
  mkdirSync(join(project, "plugins"), { recursive: true })
  veloz("init")
  const plugin = `import { definePlugin } from "veloz"
export default definePlugin({ name: "mine", version: "1.0.0", veloz: "^1.0.0", schema: {
  type: "object", properties: { size: { type: "number", default: 1 } },
} })
`
  writeFileSync(join(project, "plugins", "mine.ts"), plugin)
  veloz("check")
  const file = join(project, "veloz.config.ts")
  const text = readFileSync(file, "utf8").replace(
    `// "./plugins/mine.ts": {}`,
    `"./plugins/mine.ts": { size: "large" }`,
  )
  writeFileSync(file, text)
  const words = [join("node_modules", "typescript-native", "bin/tsc"), "-p", project]
  const { stdout } = spawnSync(process.execPath, words, { encoding: "utf8" })
  assert.match(stdout, /veloz\.config\.ts\(\d+,\d+\): error TS2322: Type 'string' is not assignable to type 'number'/)
})

installed("its doors open from a project that has it as a dependency", () => {
  const code = `
    const { defineConfig, definePlugin } = await import("veloz")
    const doors = await Promise.all(["veloz/hot", "veloz/presets", "veloz/testing"].map((door) => import(door)))
    const schema = (await import("veloz/schemas/market-data.schema.json", { with: { type: "json" } })).default
    console.log(typeof defineConfig, typeof definePlugin, doors.every((door) => Object.keys(door).length > 0), schema.title)`
  const output = execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", code], {
    cwd: folder,
    encoding: "utf8",
  })
  assert.is(output.trim(), "function function true market-data")
})

test("npm knows everything that a registry wants to know of it", () => {
  const { name, license, bin, engines, dependencies } = manifest()
  assert.equal({ name, license, bin }, { name: "veloz", license: "Apache-2.0", bin: { veloz: "./scripts/veloz.mjs" } })
  assert.is(engines.node, ">=20.19")
  assert.ok(Object.keys(dependencies).every((dependency) => !dependency.startsWith("@types/")))
})

test.after(() => rmSync(folder, { recursive: true }))

test.run()

function manifest() {
  return JSON.parse(readFileSync("package.json", "utf8"))
}
