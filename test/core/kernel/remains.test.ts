import { setTimeout as sleep } from "node:timers/promises"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { startEngine } from "../../../core/kernel/engine.js"
import { ownOf, Remains } from "../../../core/kernel/remains.js"
import { project } from "../config/project.js"

setFlagsFromString("--expose-gc")
const gc = runInNewContext("gc") as () => void

/** The collector runs, and its observer hears of it. */
async function collect(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    gc()
    await sleep(20)
  }
}

const openRemains: Remains[] = []
test.after.each(() => {
  for (const remains of openRemains.splice(0)) remains.close()
})

function watching(): { remains: Remains; told: unknown[] } {
  const told: unknown[] = []
  const remains = new Remains((...held) => told.push(held))
  openRemains.push(remains)
  return { remains, told }
}

test("what is forgotten is not told, and what somebody holds is, once, until it is let go of", async () => {
  const { remains, told } = watching()
  let held: object | undefined = { big: true }
  remains.watch("good", "engine", [{}, {}])
  remains.watch("bad", "strategy", [{}, held])
  remains.look()
  assert.equal(told, [])
  await collect(4)
  remains.look()
  remains.look()
  assert.equal(told, [["bad", "strategy", 1]])
  held = undefined
  await collect(2)
  remains.look()
  assert.equal(told, [
    ["bad", "strategy", 1],
    ["bad", "strategy", 0],
  ])
})

test("nothing is told before the collector has begun anew, and nothing twice of the same", async () => {
  const { remains, told } = watching()
  const held = [{}, {}]
  remains.watch("bad", "control", [held[0]])
  await collect(2)
  remains.look()
  assert.equal(told, [])
  remains.watch("bad", "control", [held[1]])
  await collect(4)
  remains.look()
  await collect(1)
  remains.look()
  assert.equal(told, [["bad", "control", 2]])
  assert.is(held.length, 2)
})

test("of a context only what belongs to one part counts", () => {
  const [clock, options, order] = [{}, {}, {}]
  const keep = (): void => undefined
  const context = { clock, options, order, keep, name: "text" }
  assert.equal(ownOf(context), [context, options, order, keep])
})

test("a plugin that keeps an old generation is named in the log and in /api/plugins, on every thread", async () => {
  const holder = (number: number): string => `
import { definePlugin } from "veloz"
const held = (globalThis.velozHeld ??= [])
// Its own collector, since a quiet engine may not need one for hours.
const collect = () => void Array.from({ length: 4 }, () => new Array(5e5).fill(1.5))
export const number = ${number}
export default definePlugin({
  name: "holder",
  version: "1.0.0",
  veloz: "^1.0.0",
  engine(context) {
    held.push(() => context.order.openCount())
    context.channel.onMessage(collect)
  },
  control(context) {
    held.push(() => context.log.info("still here"))
    context.timers.every(100, () => context.channel.post({}))
  },
})`
  const home = project({ "veloz.config.ts": "export default { plugins: { quoter: false, './holder.ts': {} } }" })
  home.write("holder.ts", holder(0))
  const lines: string[] = []
  const write = (message: string): void => void lines.push(message)
  const engine = await startEngine({
    cwd: home.folder,
    env: { PATH: process.env.PATH },
    args: { "plugins.metrics-api.port": 0 },
    log: { debug: write, info: write, warn: write, error: write },
    version: "1.0.0",
    watch: false,
  })
  const held = () => engine.facade.configuration.plugins().find(({ name }) => name === "./holder.ts")!.held
  try {
    assert.equal(held(), {})
    home.write("holder.ts", holder(1))
    assert.ok(await engine.reload(), lines.at(-1))
    for (let look = 0; look < 300 && Object.keys(held()).length < 2; look += 1) await collect(1)
    assert.equal(held(), { control: 1, engine: 1 })
    for (const role of ["control", "engine"]) {
      assert.ok(
        lines.some(
          (line) =>
            line.includes(`VELOZ_PLUGIN_HOLDS: plugin "./holder.ts" (${home.path("holder.ts")}) still holds a part`) &&
            line.includes(role),
        ),
      )
    }
  } finally {
    await engine.stop()
  }
})

test.run()
