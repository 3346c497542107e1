import { test } from "uvu"
import * as assert from "uvu/assert"
import type { VelozError } from "veloz"
import { Trial, type TrialLimits, type TrialTask } from "../../../core/kernel/trial.js"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"

const LIMITS: TrialLimits = { ms: 1500, bytes: 128 * 1024 * 1024 }
const trial = new Trial(LIMITS)
test.after(() => trial.close())

let scripts = 0

function script(code: string): TrialTask {
  scripts += 1
  return {
    type: "script",
    entry: "/nowhere/veloz.config.ts",
    code,
    hash: `hash-${scripts}`,
    env: { cwd: "/", env: {} },
  }
}

/** A script that defines a plugin, for what its parts do. */
function parts(definition: string, before?: object, options: object = {}, isNewCode = before === undefined): TrialTask {
  scripts += 1
  const head = `const { definePlugin } = require("veloz"); exports.default = definePlugin(`
  const code = `${head}{ name: "mine", version: "1.0.0", veloz: "^1.0.0", ${definition} })`
  const source = { kind: "bundle", entry: "/nowhere/mine.ts", code, hash: `hash-${scripts}` } as const
  const symbols = symbolSpecs([{ name: "BTCUSDT", quoteAsset: "USDT", minNotional: 1 }])
  const action = before === undefined ? "remake" : "retune"
  const plugin = { name: "mine", action, options: options as Record<string, unknown>, source } as const
  return { type: "parts", isNewCode, symbols, plugin, before: before as Record<string, unknown> | undefined }
}

/** Why a task did not pass; the longest that this thread stood still meanwhile must be short. */
async function refusalOf(task: TrialTask): Promise<string> {
  let stillMs = 0
  let lastMs = performance.now()
  const looking = setInterval(() => {
    stillMs = Math.max(stillMs, performance.now() - lastMs)
    lastMs = performance.now()
  }, 5)
  try {
    await trial.run("what is tried", task)
  } catch (error) {
    assert.is((error as VelozError).code, "VELOZ_TRIAL_FAILED")
    assert.ok(stillMs < LIMITS.ms / 2, `control stood still for ${stillMs} ms`)
    return (error as Error).message
  } finally {
    clearInterval(looking)
  }
  throw new Error("it passed")
}

test("what ends passes, whether it returns or throws", async () => {
  assert.equal(await trial.run("it", script("exports.default = { symbols: [] }")), [])
  assert.equal(await trial.run("it", script("exports.default = async ({ cwd }) => ({ cwd })")), [])
  assert.equal(await trial.run("it", script("throw new Error('mine')")), [])
  assert.equal(await trial.run("it", script("exports.default = async () => { throw new Error('mine') }")), [])
  assert.equal(await trial.run("it", script("process.exit(3)")), [])
})

test("a spare thread waits for the next try, also when the one before was thrown away", async () => {
  await trial.run("it", script("for (;;) Math.random()")).catch(() => undefined)
  const [spare, fresh] = [[] as number[], [] as number[]]
  for (let round = 0; round < 5; round += 1) {
    const cold = new Trial(LIMITS)
    fresh.push(await msOf(cold))
    await cold.close()
    spare.push(await msOf(trial))
  }
  assert.ok(median(spare) < median(fresh) / 3, `${spare} ms, and ${fresh} ms without it`)
})

async function msOf(tried: Trial): Promise<number> {
  const beganMs = performance.now()
  await tried.run("it", script("exports.default = {}"))
  return performance.now() - beganMs
}

const median = (of: number[]): number => of.sort((a, b) => a - b)[of.length >> 1]

const ENDLESS: Readonly<Record<string, string>> = {
  "a loop": "for (;;) Math.random()",
  "a loop of promises": "exports.default = async () => { for (;;) await null }",
  "a loop of promises that nobody waits for": "void (async () => { for (;;) await null })()",
}

for (const [name, code] of Object.entries(ENDLESS)) {
  test(`${name} without an end is ended, and control does not wait in it`, async () => {
    assert.match(await refusalOf(script(code)), /what is tried .* had not ended after 1500 ms/)
    assert.equal(await trial.run("it", script("exports.default = {}")), [], "the next one is tried")
  })
}

const HUNGRY: Readonly<Record<string, string>> = {
  "a list of numbers": "const list = []; for (;;) list.push(Math.random())",
  "a list of objects": "const list = []; for (;;) list.push({ a: 1 })",
  "buffers, which are no part of the heap": "const list = []; for (;;) list.push(Buffer.alloc(1e6, 1))",
  "large lists": "const list = []; for (;;) list.push(new Array(1e7).fill({}))",
}

for (const [name, code] of Object.entries(HUNGRY)) {
  test(`memory without an end is refused before there is none left: ${name}`, async () => {
    assert.match(await refusalOf(script(code)), /had taken 128 MB of memory/)
  })
}

test("a process that ends itself, and an error that nobody catches, end their thread alone", async () => {
  assert.match(await refusalOf(script("exports.default = async () => { await 1; process.exit(3) }")), /with 3/)
  assert.match(await refusalOf(script("Promise.reject(new Error('nobody'))")), /nobody catches it: nobody/)
  assert.equal(await trial.run("it", script("exports.default = {}")), [])
})

test("what is left running is told, and does not meet the next one", async () => {
  assert.equal(await trial.run("it", script("setInterval(() => { for (;;); }, 20)")), ["Timeout"])
  assert.equal(await trial.run("it", script("exports.default = {}")), [])
})

test("nothing of VeloZ's own is left running when the collector runs while code is primed", async () => {
  const litter = "market.decoded.tap('litter', () => { for (let i = 0; i < 50; i += 1) new Array(1000).fill(i) })"
  for (let round = 0; round < 3; round += 1) {
    assert.equal(await trial.run("it", parts(`primable: true, engine({ market }) { ${litter} }`)), [])
  }
})

test("new code runs on an invented market as hot threads will run it, and known code with other options does not", async () => {
  const loops = "primable: true, engine({ market }) { market.decoded.tap('loop', () => { for (;;); }) }"
  assert.match(await refusalOf(parts(loops)), /had not ended/)
  assert.equal(await trial.run("it", parts(loops, undefined, {}, false)), [])
})

test("what a part leaves running after its dispose is told", async () => {
  assert.equal(await trial.run("it", parts("engine() { setInterval(() => {}, 1000) }")), ["Timeout"])
  const tidy = "engine() { const own = setInterval(() => {}, 1000); return { dispose() { clearInterval(own) } } }"
  assert.equal(await trial.run("it", parts(tidy)), [])
})

test("a part that does not come to an end while it is made, retuned or disposed of is refused", async () => {
  for (const role of ["engine", "strategy", "network"]) {
    assert.match(await refusalOf(parts(`${role}() { for (;;); }`)), /had not ended/)
  }
  assert.match(await refusalOf(parts("engine() { return { dispose() { for (;;); } } }")), /had not ended .* in dispose/)
  const loops = "engine({ options }) { return { retune() { while (options.loops); } } }"
  assert.equal(await trial.run("it", parts(loops, { loops: false }, { loops: false })), [])
  assert.match(await refusalOf(parts(loops, { loops: false }, { loops: true })), /had not ended .* in retune/)
})

test("parts reach nothing outside: their connections stay closed, and their timers never come", async () => {
  const network = `network({ transport, timers, log, channel, venue }) {
    const connection = transport.open({ key: "a", url: "ws://127.0.0.1:1/", onFrame() {} })
    if (connection.isOpen) for (;;);
    timers.every(1, () => { for (;;); })
    log.info("hello")
    channel.post({ hello: true })
  }`
  assert.equal(await trial.run("it", parts(network)), [])
})

test("a trial that is closed answers nothing more", async () => {
  const own = new Trial(LIMITS)
  own.warm()
  await own.close()
  assert.equal(await own.run("it", script("for (;;);")).catch((error: Error) => error.message), [])
})

test("a plugin is asked for its schema alone, and one that is none has none", async () => {
  const code = `exports.default = require("veloz").definePlugin({ name: "mine", version: "1.0.0", veloz: "^1.0.0",
    description: "Mine.", schema: { type: "object", properties: { size: { type: "number" } } } })`
  const source = (text: string) => ({ kind: "bundle", entry: "/nowhere/mine.ts", code: text, hash: text }) as const
  const schema = JSON.parse((await trial.schemaOf("./mine.ts", source(code))) ?? "")
  assert.equal(schema, { description: "Mine.", type: "object", properties: { size: { type: "number" } } })
  assert.is(await trial.schemaOf("./helper.ts", source("exports.answer = 42")), undefined)
  const hangs = await trial.schemaOf("./draft.ts", source("for (;;);")).catch((error: VelozError) => error.code)
  assert.is(hangs, "VELOZ_TRIAL_FAILED")
})

test.run()
