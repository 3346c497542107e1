import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import {
  API_KEY,
  API_SECRET,
  type Config,
  config,
  countsAddUp,
  FINAL,
  ordersAt,
  Project,
  sameAsTheExchange,
} from "../../support/engine-project.js"
import { freePort } from "../../support/running-engine.js"
import { inEachTopology, TOPOLOGIES, type Topology } from "../../support/topologies.js"

// Hot threads that are to take over die at each point of that, in whole engines that trade. A plugin ends its thread: its
// timers never come where it is tried, so that it does not die there already.

/** A plugin whose part ends its thread where the options say so. */
const DYING = (part: string): string => `import { definePlugin } from "veloz"
export default definePlugin({
  name: "dying",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: { type: "object", properties: { dies: { type: "boolean", default: false } } },
  ${part},
})
`

/** Until the cut nobody acts on what the new threads say. */
const BEFORE = {
  "while it stands by": `network({ options, timers }) {
    timers.after(0, () => { if (options.dies) process.reallyExit(3) })
  }`,
  "while it is made for what others have left": `engine({ options, keep, timers }) {
    const kept = keep("made", 1, () => ({ times: 0 }))
    if (options.dies && kept.times > 0) process.reallyExit(3)
    kept.times += 1
  }`,
}

/** From then on its orders may be at the venue. */
const BEHIND = {
  "when it acts for the first time": `strategy({ options, timers }) {
    timers.after(0, () => { if (options.dies) process.reallyExit(3) })
  }`,
  "before it has said that it has cut over": `engine({ keep }) {
    keep("made", 1, () => ({}))
  },
  network({ options, timers }) {
    let isTried = true
    timers.after(0, () => { isTried = false })
    return { dispose() { if (options.dies && !isTried) process.reallyExit(3) } }
  }`,
}

const otherThan = (topology: Topology): Topology => TOPOLOGIES.find((other) => other !== topology)!

/** An engine whose strategy places orders all the while. `save` moves it to the other topology. */
async function inMove(
  topology: Topology,
  part: string,
  run: (project: Project, save: (where: Topology, plugins: object) => void, port: number) => Promise<void>,
): Promise<void> {
  const port = await freePort()
  const exchange = { port, api_key: API_KEY, api_secret: API_SECRET }
  const project = new Project()
  const save = (where: Topology, plugins: object): void => {
    const all = { "sim-exchange": exchange, quoter: { orders_per_second: 50 }, "./dying.ts": {}, ...plugins }
    project.save({ ...config(all), topology: where } satisfies Config)
  }
  writeFileSync(join(project.cwd, "dying.ts"), DYING(part))
  save(topology, {})
  await project.start()
  try {
    await project.market()
    await project.until("quotes", () => project.facade.metrics.counter("orders_acked") > 100)
    await run(project, save, port)
  } finally {
    await project.end()
  }
}

for (const [when, part] of Object.entries(BEFORE)) {
  inEachTopology(`a thread that dies ${when} leaves the old ones trading, and every order counted once`, (topology) =>
    inMove(topology, part, async (project, save, port) => {
      const { metrics, configuration } = project.facade
      const generation = configuration.generation()
      for (let move = 0; move < 2; move += 1) {
        save(otherThan(topology), { "./dying.ts": { dies: true } })
        assert.not(await project.engine.reload(), "it was taken")
        assert.match(project.lines.findLast((line) => line.includes("is refused"))!, /VELOZ_THREAD_DIED/)
        const acked = metrics.counter("orders_acked")
        await project.until("they trade", () => metrics.counter("orders_acked") > acked)
      }
      assert.is(configuration.generation(), generation)
      assert.equal(project.failures, [])
      save(topology, { quoter: { orders_per_second: 0 } })
      assert.ok(await project.engine.reload(), project.lines.at(-1))
      await project.until("every order is over", () =>
        project.facade.orders.list().every(({ status }) => FINAL.has(status)),
      )
      countsAddUp(project)
      await sameAsTheExchange(project, port)
    }),
  )
}

for (const [when, part] of Object.entries(BEHIND)) {
  inEachTopology(`a thread that dies ${when} ends the engine, since there is no way back`, (topology) =>
    inMove(topology, part, async (project, save, port) => {
      save(otherThan(topology), { "./dying.ts": { dies: true } })
      await project.engine.reload()
      await project.until("it cannot go on", () => project.failures.length > 0)
      assert.match(project.failures.join(), /^the thread .* ended: exit code 3$/)
      const ids = (await ordersAt(port)).map(({ clientOrderId }) => clientOrderId)
      assert.is(new Set(ids).size, ids.length, "no order was sent twice")
    }),
  )
}

test.run()
