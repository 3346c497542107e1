// Runs the compiled tests, each file in a process of its own, and ends with one line: "N passed, N failed". Tests that
// change a value of the machine fail, all of them together.
//
//   node scripts/test.mjs [--verbose] [--jobs N] [--timeout SECONDS] [PART OF A PATH ...]

import { spawn } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { changedValues, readHostValues } from "./host-values.mjs"

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..")
// Tests that do not run say why on a line that begins so; see test/support/skip.ts.
const SKIP_LINE = /^skipped: .+$/gm
/** The import of the engine in the calling thread: see core/testing/. */
const HARNESS = /from "(veloz\/testing|[./]+core\/(testing\/(harness|index)|threads\/split-engine)\.js)"/
const running = new Set()

await main()

async function main() {
  const wishes = readArguments()
  const files = findTests(wishes)
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stopAll(signal))
  const before = readHostValues()
  const totals = { passed: 0, failed: 0, skipped: 0 }
  await inParallel(wishes.jobs, files, async (wish) => {
    const result = await run(wish, wishes.timeoutMs)
    report(wish, result, wishes.verbose)
    for (const count of Object.keys(totals)) totals[count] += result[count]
  })
  if (files.length === 0) say(`no test file under ${wishes.folder} has ${wishes.parts.join(" or ")} in its path`)
  const ran = totals.passed + totals.failed
  if (files.length > 0 && ran === 0) say("no test ran")
  const changed = changedValues(before, readHostValues())
  for (const line of changed) say(`FAIL  a test has changed this machine: ${line}`)
  const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""
  say(`${totals.passed} passed, ${totals.failed} failed${skipped}`)
  process.exitCode = ran === 0 || totals.failed > 0 || changed.length > 0 ? 1 : 0
}

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      verbose: { type: "boolean", default: false },
      jobs: { type: "string", default: "2" },
      timeout: { type: "string", default: "180" },
      folder: { type: "string", default: path.join("dist", "test") },
    },
  })
  return {
    verbose: values.verbose,
    folder: values.folder,
    jobs: positive("--jobs", values.jobs),
    timeoutMs: positive("--timeout", values.timeout) * 1000,
    parts: positionals,
  }
}

function positive(name, text) {
  const number = Number(text)
  if (number > 0) return number
  say(`${name} must be a number above 0, was ${JSON.stringify(text)}`)
  process.exit(1)
}

function findTests({ folder, parts }) {
  const base = path.resolve(ROOT, folder)
  if (!fs.existsSync(base)) return []
  return fs
    .readdirSync(base, { recursive: true })
    .filter((file) => file.endsWith(".test.js"))
    .filter((file) => parts.length === 0 || parts.some((part) => path.join("test", file).includes(part)))
    .sort()
    .map((file) => path.join(base, file))
    .flatMap((file) => topologiesOf(file).map((topology) => ({ file, topology })))
}

/** What runs the roles of an engine in its own thread does so in both topologies. */
function topologiesOf(file) {
  const isOfRoles = HARNESS.test(fs.readFileSync(file, "utf8"))
  return isOfRoles ? ["fused", "split"] : [undefined]
}

async function inParallel(jobs, items, work) {
  const waiting = items.values()
  const worker = async () => {
    for (const item of waiting) await work(item)
  }
  await Promise.all(Array.from({ length: jobs }, worker))
}

// ---- one file

/** Runs one file. What it printed decides the counts, its exit code has the last word. */
async function run({ file, topology }, timeoutMs) {
  const startedMs = performance.now()
  const env = topology === undefined ? process.env : { ...process.env, VELOZ_TEST_TOPOLOGY: topology }
  const outcome = await spawnTest(file, env, timeoutMs)
  const counts = countsOf(outcome.output)
  const problem = problemOf(outcome, counts, timeoutMs)
  return {
    passed: counts?.passed ?? 0,
    // A file that breaks without a summary of its own counts as one failed test.
    failed: problem === undefined ? 0 : Math.max(counts?.failed ?? 0, 1),
    skipped: counts?.skipped ?? 0,
    elapsedMs: Math.round(performance.now() - startedMs),
    output: outcome.output,
    problem,
  }
}

function spawnTest(file, env, timeoutMs) {
  return new Promise((resolve) => {
    // A group of its own, so that whatever the test started ends with it.
    const child = spawn(process.execPath, [file], { cwd: ROOT, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    running.add(child)
    let output = ""
    let timedOut = false
    const collect = (text) => {
      output += text
    }
    child.stdout.setEncoding("utf8").on("data", collect)
    child.stderr.setEncoding("utf8").on("data", collect)
    const timer = setTimeout(() => {
      timedOut = true
      killGroup(child, "SIGKILL")
    }, timeoutMs)
    const settle = (code, signal) => {
      clearTimeout(timer)
      running.delete(child)
      resolve({ code, signal, output, timedOut })
    }
    child.on("error", (error) => {
      output += error.message
      settle(1, null)
    })
    // A process that the test left behind may hold the pipes open: it ends when the test has ended.
    child.on("exit", () => killGroup(child, "SIGKILL"))
    child.on("close", settle)
  })
}

/** What uvu's summary says: the lines "Total:", "Passed:" and "Skipped:", with or without colours. */
function countsOf(output) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with an escape character
  const plain = output.replace(/\u001b\[\d*m/g, "")
  const numbers = (word) =>
    [...plain.matchAll(new RegExp(`^\\s+${word}:\\s+(\\d+)\\s*$`, "gm"))].map((m) => Number(m[1]))
  const [total, passed, skipped] = ["Total", "Passed", "Skipped"].map((word) => numbers(word).at(-1))
  if (total === undefined || passed === undefined || skipped === undefined) return undefined
  return { passed, skipped, failed: total - passed }
}

function problemOf({ code, signal, timedOut }, counts, timeoutMs) {
  if (timedOut) return `did not end within ${timeoutMs / 1000} s and was stopped`
  if (signal) return `was ended by ${signal}`
  if (counts === undefined) return `ended with exit code ${code} before it printed a summary: has it called test.run()?`
  if (counts.failed > 0) return `${counts.failed} failed`
  if (code !== 0) return `ended with exit code ${code} although its tests passed`
  return undefined
}

function report({ file, topology }, result, verbose) {
  const source = path
    .relative(ROOT, file)
    .replace(/^dist\//, "")
    .replace(/\.js$/, ".ts")
  const name = topology === undefined ? source : `${source} (${topology})`
  if (result.problem === undefined) {
    say(`ok    ${name}  ${result.passed} passed  ${result.elapsedMs} ms`)
    const reasons = result.output.match(SKIP_LINE) ?? []
    for (const reason of reasons) say(`      ${reason}`)
    if (reasons.length < result.skipped) say(`      skipped: ${result.skipped - reasons.length} without a reason`)
  } else {
    say(`FAIL  ${name}: ${result.problem}`)
  }
  if (verbose || result.problem !== undefined) say(result.output.trimEnd())
}

// ---- processes

function stopAll(signal) {
  for (const child of running) killGroup(child, "SIGKILL")
  process.kill(process.pid, signal)
}

function killGroup(child, signal) {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal)
  } catch {
    // The group is gone already.
  }
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
