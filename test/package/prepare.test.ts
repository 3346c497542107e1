import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import fs from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"

// Each test has a small project of its own, with the real script and the real compiler, and an npm that is a script.

const REPOSITORY = process.cwd()

test("a bare checkout is installed and built, and the second time nothing is done", async () => {
  await inProject(async (project) => {
    const first = await project.prepare()
    assert.is(first.code, 0, first.err)
    assert.match(first.err, "installing packages")
    assert.match(first.err, "building")
    assert.match(project.read("dist/core/index.js"), "export const answer = 42")
    const before = project.mtime("dist/core/index.js")
    assert.equal(await project.prepare(), { code: 0, err: "" })
    assert.is(project.mtime("dist/core/index.js"), before)
    assert.is(project.installs(), 1)
  })
})

test("an edited, an added and a deleted source each lead to a build", async () => {
  await inProject(async (project) => {
    await project.prepare()
    project.write("core/index.ts", "export const answer = 43\n")
    assert.match((await project.prepare()).err, "building")
    assert.match(project.read("dist/core/index.js"), "answer = 43")
    project.write("test/core/more.test.ts", "export {}\n")
    assert.is((await project.prepare()).code, 0)
    assert.ok(project.has("dist/test/core/more.test.js"))
    project.remove("test/core/more.test.ts")
    assert.is((await project.prepare()).code, 0)
    assert.not(project.has("dist/test/core/more.test.js"))
    assert.not(project.has("dist/test/core/more.test.d.ts"))
    assert.ok(project.has("dist/core/index.js"))
    assert.is(project.installs(), 1)
  })
})

test("an output that somebody deleted is made again", async () => {
  await inProject(async (project) => {
    await project.prepare()
    project.remove("dist/core/index.js")
    assert.is((await project.prepare()).code, 0)
    assert.ok(project.has("dist/core/index.js"))
  })
})

test("a changed lock of packages leads to an install, and so does a package that is missing", async () => {
  await inProject(async (project) => {
    await project.prepare()
    project.write("package-lock.json", project.read("package-lock.json").replace('"1.0.0"', '"1.0.1"'))
    assert.match((await project.prepare()).err, "installing")
    assert.is(project.installs(), 2)
    project.remove("node_modules/some-package")
    assert.match((await project.prepare()).err, "installing")
    assert.is(project.installs(), 3)
    assert.equal(await project.prepare(), { code: 0, err: "" })
  })
})

test("what does not compile exits 1 with the compiler's words, and the last good build stays", async () => {
  await inProject(async (project) => {
    await project.prepare()
    project.write("core/index.ts", "export const answer: string = 44\n")
    const failed = await project.prepare()
    assert.is(failed.code, 1)
    assert.match(failed.err, "core/index.ts(1,14): error TS2322")
    assert.match(failed.err, "the sources do not compile")
    assert.not.match(failed.err, "at build")
    assert.match(project.read("dist/core/index.js"), "answer = 42")
    assert.is((await project.prepare()).code, 1)
    project.write("core/index.ts", "export const answer = 45\n")
    assert.is((await project.prepare()).code, 0)
    assert.match(project.read("dist/core/index.js"), "answer = 45")
  })
})

test("an install that fails exits 1, names the command and lets nobody build", async () => {
  await inProject(async (project) => {
    project.write("npm/npm-cli.js", `console.error("npm error network is away"); process.exit(7)`)
    const { code, err } = await project.prepare()
    assert.is(code, 1)
    assert.match(err, "npm error network is away")
    assert.match(err, /`npm ci .*` ended with exit code 7/)
    assert.not(project.has("dist/core"))
    assert.not(project.has("dist/.prepare.lock"))
  })
})

test("of several at the same time one works and the others wait for it", async () => {
  await inProject(async (project) => {
    const results = await Promise.all([1, 2, 3, 4].map(() => project.prepare()))
    assert.equal(
      results.map(({ code }) => code),
      [0, 0, 0, 0],
    )
    assert.is(project.installs(), 1)
    assert.is(results.filter(({ err }) => err.includes("building")).length, 1)
    assert.not(project.has("dist/.prepare.lock"))
  })
})

test("a lock whose owner has died does not hold anybody up", async () => {
  await inProject(async (project) => {
    await project.prepare()
    const gone = spawn(process.execPath, ["-e", ""])
    await once(gone, "exit")
    project.write("dist/.prepare.lock", String(gone.pid))
    project.write("core/index.ts", "export const answer = 46\n")
    const results = await Promise.all([project.prepare(), project.prepare()])
    assert.equal(
      results.map(({ code }) => code),
      [0, 0],
    )
    assert.match(project.read("dist/core/index.js"), "answer = 46")
    assert.equal(
      fs.readdirSync(path.join(project.folder, "dist")).filter((name) => name.includes("lock")),
      [],
    )
  })
})

test("a Node that is too old is told so in a sentence", async () => {
  await inProject(async (project) => {
    const pretend = `data:text/javascript,Object.defineProperty(process,"versions",{value:{node:"18.20.4"}})`
    const { code, err } = await project.prepare(["--import", pretend])
    assert.is(code, 1)
    assert.is(err, "veloz: VeloZ needs Node 20.19 or newer, this is 18.20.4: see https://nodejs.org\n")
  })
})

test.run()

class Project {
  constructor(readonly folder: string) {}

  async prepare(flags: string[] = []): Promise<{ code: number; err: string }> {
    const env = { ...process.env, npm_execpath: path.join(this.folder, "npm", "npm-cli.js") }
    const child: ChildProcess = spawn(process.execPath, [...flags, "scripts/prepare.mjs"], { cwd: this.folder, env })
    let err = ""
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      err += text
    })
    const [code] = await once(child, "close")
    return { code, err }
  }

  installs(): number {
    return this.read("installs.txt").length
  }

  write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true })
    fs.writeFileSync(path.join(this.folder, file), text)
  }

  read(file: string): string {
    return fs.readFileSync(path.join(this.folder, file), "utf8")
  }

  has(file: string): boolean {
    return fs.existsSync(path.join(this.folder, file))
  }

  remove(file: string): void {
    fs.rmSync(path.join(this.folder, file), { recursive: true })
  }

  mtime(file: string): number {
    return fs.statSync(path.join(this.folder, file)).mtimeMs
  }
}

/** Installs one package and the compiler, as npm does: the lock's copy comes last. Counts itself. */
const FAKE_NPM = `
  const fs = require("node:fs")
  fs.appendFileSync("installs.txt", "i")
  fs.mkdirSync("node_modules/some-package", { recursive: true })
  fs.writeFileSync("node_modules/some-package/package.json", "{}")
  fs.rmSync("node_modules/typescript-native", { force: true })
  fs.symlinkSync(${JSON.stringify(path.join(REPOSITORY, "node_modules", "typescript-native"))}, "node_modules/typescript-native")
  fs.copyFileSync("package-lock.json", "node_modules/.package-lock.json")`

async function inProject(body: (project: Project) => Promise<void>): Promise<void> {
  const project = new Project(fs.mkdtempSync(path.join(os.tmpdir(), "veloz-prepare-")))
  const options = {
    module: "NodeNext",
    target: "ES2023",
    rootDir: ".",
    outDir: "dist",
    strict: true,
    declaration: true,
  }
  const packages = { "": {}, "node_modules/some-package": { version: "1.0.0" } }
  project.write("package.json", `{ "type": "module" }`)
  project.write("package-lock.json", JSON.stringify({ lockfileVersion: 3, packages }))
  project.write(
    "tsconfig.build.json",
    JSON.stringify({ compilerOptions: { ...options, types: [] }, include: ["core", "test"] }),
  )
  project.write("core/index.ts", "export const answer = 42\n")
  project.write("npm/package.json", `{ "type": "commonjs" }`)
  project.write("npm/npm-cli.js", FAKE_NPM)
  fs.mkdirSync(path.join(project.folder, "scripts"))
  fs.copyFileSync(path.join(REPOSITORY, "scripts", "prepare.mjs"), path.join(project.folder, "scripts", "prepare.mjs"))
  try {
    await body(project)
  } finally {
    fs.rmSync(project.folder, { recursive: true })
  }
}
