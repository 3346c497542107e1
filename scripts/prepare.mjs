// Makes a checkout ready to run: installs what package-lock.json names and compiles what changed. It runs before
// `npm start`, `npm test` and `npm run bench`, on a bare clone too, so it imports nothing but Node itself.

import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
const OLDEST_NODE = [20, 19]
// Not examples/: the build does not compile them, and what has no output looks as if it had never been built.
const SOURCES = ["core", "plugins", "presets", "test", "bench", "schemas"]
const SETTINGS = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"]
const DIST = path.join(ROOT, "dist")
const STAMP = path.join(DIST, ".prepared")
const LOCK = path.join(DIST, ".prepare.lock")
// A build takes seconds and an install rarely a minute: a lock this old was left by a machine that went down.
const LOCK_EXPIRES_MS = 15 * 60 * 1000

function main() {
  refuseOldNode()
  if (isInstalled() && isBuilt(readSources())) return
  takeLock()
  try {
    // Whoever held the lock may have done the work already, so look again.
    if (!isInstalled()) install()
    const sources = readSources()
    if (!isBuilt(sources)) build(sources)
  } finally {
    fs.rmSync(LOCK, { force: true })
  }
}

function refuseOldNode() {
  const [major, minor] = process.versions.node.split(".").map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  fail(`VeloZ needs Node ${OLDEST_NODE.join(".")} or newer, this is ${process.versions.node}: see https://nodejs.org`)
}

// ---- install

/** npm keeps a copy of the lock beside what it installed: the two must name the same packages, and those be there. */
function isInstalled() {
  const wanted = readJson(path.join(ROOT, "package-lock.json"))
  const present = readJson(path.join(ROOT, "node_modules", ".package-lock.json"))
  if (wanted === undefined || present === undefined) return false
  return Object.entries(wanted.packages).every(([place, entry]) => {
    if (place === "") return true
    const found = present.packages[place]
    // What is optional may be meant for another system.
    if (found === undefined) return entry.optional === true
    return found.version === entry.version && fs.existsSync(path.join(ROOT, place, "package.json"))
  })
}

function install() {
  say("installing packages")
  const locked = fs.existsSync(path.join(ROOT, "package-lock.json"))
  // The compiler is a development package, and NODE_ENV=production would leave it out.
  const words = [locked ? "ci" : "install", "--include=dev", "--no-audit", "--no-fund"]
  const result = runNpm(words)
  if (result.error) fail(`cannot run npm: ${result.error.message}`)
  if (result.status !== 0) {
    fail(
      `\`npm ${words.join(" ")}\` ended with exit code ${result.status ?? result.signal}; its reason is printed above`,
    )
  }
}

function runNpm(words) {
  const options = { cwd: ROOT, stdio: ["ignore", 2, 2] }
  const npmScript = process.env.npm_execpath
  if (npmScript?.endsWith("npm-cli.js")) return spawnSync(process.execPath, [npmScript, ...words], options)
  return spawnSync("npm", words, { ...options, shell: process.platform === "win32" })
}

// ---- build

/** The files that the build reads, and a fingerprint of their names, sizes and times: a deleted file changes it too. */
function readSources() {
  const files = SOURCES.flatMap(filesUnder).sort()
  const hash = createHash("sha256")
  for (const file of [...SETTINGS, ...files]) {
    const stat = fs.statSync(path.join(ROOT, file), { throwIfNoEntry: false })
    hash.update(`${file}\0${stat?.size}\0${stat?.mtimeMs}\n`)
  }
  return { files, fingerprint: hash.digest("hex") }
}

function isBuilt({ files, fingerprint }) {
  return readText(STAMP) === fingerprint && files.filter(isCompiled).every((file) => fs.existsSync(outputOf(file)))
}

/** Compiles. When the compiler objects, the outputs of the last good build stay. */
function build({ files, fingerprint }) {
  say("building")
  fs.rmSync(STAMP, { force: true })
  const compiler = path.join(ROOT, "node_modules", "typescript-native", "bin", "tsc")
  // All of it every time: it takes a second at most, and no state of an earlier build can be in the way.
  const words = ["-p", "tsconfig.build.json", "--noEmitOnError", "--incremental", "false", "--tsBuildInfoFile", "null"]
  const result = spawnSync(process.execPath, [compiler, ...words], { cwd: ROOT, stdio: ["ignore", 2, 2] })
  if (result.error) fail(`cannot run the compiler: ${result.error.message}`)
  if (result.status !== 0) fail("the sources do not compile; the compiler's reasons are printed above")
  removeStaleOutputs(files)
  fs.writeFileSync(STAMP, fingerprint)
}

/** A test whose source is gone would go on running from dist. */
function removeStaleOutputs(files) {
  const bases = new Set(files.map((file) => withoutExtension(file)))
  for (const folder of SOURCES) {
    for (const file of filesUnder(path.join("dist", folder))) {
      if (!bases.has(withoutExtension(path.relative("dist", file)))) fs.rmSync(path.join(ROOT, file))
    }
  }
}

function withoutExtension(file) {
  return file.replace(/\.d\.ts$|\.[a-z]+$/, "")
}

function isCompiled(file) {
  return file.endsWith(".ts") && !file.endsWith(".d.ts") && !file.startsWith(path.join("test", "fixtures"))
}

function outputOf(file) {
  return path.join(DIST, `${withoutExtension(file)}.js`)
}

function filesUnder(folder) {
  let entries
  try {
    entries = fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true })
  } catch {
    return []
  }
  return entries.flatMap((entry) => {
    const place = path.join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesUnder(place)
    return [place]
  })
}

// ---- one at a time

/** Waits until no other prepare works here. The lock is a file that only one process can create. */
function takeLock() {
  fs.mkdirSync(DIST, { recursive: true })
  let told = false
  for (;;) {
    try {
      fs.writeFileSync(LOCK, String(process.pid), { flag: "wx" })
      return
    } catch (error) {
      if (error.code !== "EEXIST") fail(`cannot write ${LOCK}: ${error.message}`)
    }
    if (isLockLeftBehind()) {
      removeLockLeftBehind()
      continue
    }
    if (!told) say("waiting for another build of this folder")
    told = true
    sleep(50)
  }
}

function isLockLeftBehind(file = LOCK) {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  if (stat === undefined) return false
  const ageMs = Date.now() - stat.mtimeMs
  const owner = Number(readText(file))
  // Between its creation and its first byte a lock is empty for a moment.
  if (!(owner > 0)) return ageMs > 2_000
  return ageMs > LOCK_EXPIRES_MS || !isAlive(owner)
}

/** Two who wait may both find the lock left behind: the rename lets one of them take it away. */
function removeLockLeftBehind() {
  const aside = `${LOCK}.${process.pid}`
  try {
    fs.renameSync(LOCK, aside)
    // The other was faster and this is its fresh lock: give it back.
    if (!isLockLeftBehind(aside)) fs.linkSync(aside, LOCK)
  } catch {
    // Somebody else removed or took it in between: the caller looks again.
  }
  fs.rmSync(aside, { force: true })
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}

function sleep(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

// ---- small things

function readText(file) {
  try {
    return fs.readFileSync(file, "utf8")
  } catch {
    return undefined
  }
}

function readJson(file) {
  const text = readText(file)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function say(what) {
  process.stderr.write(`veloz: ${what} ...\n`)
}

function fail(sentence) {
  throw new Refusal(sentence)
}

class Refusal extends Error {}

try {
  main()
} catch (error) {
  process.stderr.write(`veloz: ${error instanceof Refusal ? error.message : error.stack}\n`)
  process.exitCode = 1
}
