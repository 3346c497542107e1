import { test } from "uvu"
import * as assert from "uvu/assert"
import type { EffectiveConfig } from "../../../core/config/effective.js"
import { type Plan, planChange } from "../../../core/config/plan.js"
import { project } from "./project.js"

const configuration = project().configuration()
const base = await configuration.load()
configuration.commit(base)

async function planOf(changes: Record<string, unknown>, from: EffectiveConfig = base): Promise<Plan> {
  return planChange(from, await configuration.withApi(changes, "a test"))
}

function stepOf(plan: Plan, plugin: string) {
  const step = plan.steps.find((candidate) => candidate.plugin === plugin)
  if (step === undefined) throw new Error(`no step for ${plugin}`)
  return step
}

test("nothing changed: every plugin is kept, and there is nothing to do", async () => {
  const plan = planChange(base, await configuration.load())
  assert.ok(plan.isEmpty)
  assert.is(stepOf(plan, "market-data").action, "keep")
})

test("a live option retunes its plugin and leaves the pipeline alone", async () => {
  const plan = await planOf({ "plugins.market-data.order_book_depth": 3 })
  const step = stepOf(plan, "market-data")
  assert.is(step.action, "retune")
  assert.is(plan.rebuildPipeline, false)
  assert.equal(step.paths, [{ path: "plugins.market-data.order_book_depth", from: 10, to: 3, reload: "live" }])
  assert.match(step.reason, "order_book_depth")
  assert.is(stepOf(plan, "order-processing").action, "keep")
})

test("an option of the pipeline composes it anew", async () => {
  const plan = await planOf({ "plugins.market-data.conflate_updates": true })
  assert.is(stepOf(plan, "market-data").action, "retune")
  assert.ok(stepOf(plan, "market-data").rebuildPipeline)
  assert.ok(plan.rebuildPipeline)
  assert.not(plan.isEmpty)
})

test("an option of the plugin's build starts it anew, whatever else changed", async () => {
  const plan = await planOf({
    "plugins.market-data.use_incremental_updates": false,
    "plugins.market-data.order_book_depth": 3,
  })
  assert.is(stepOf(plan, "market-data").action, "restart")
})

test("plugins that come and go are added and removed", async () => {
  const plan = await planOf({ "plugins.quoter": true, "plugins.alerts": false })
  assert.is(stepOf(plan, "quoter").action, "add")
  assert.is(stepOf(plan, "alerts").action, "remove")
})

test("what hot threads are made for makes them anew", async () => {
  const plan = await planOf({ symbols: ["ETHUSDT"], "venue.kind": "binance", topology: "split" })
  const { action, reason } = stepOf(plan, "")
  assert.is(action, "replace")
  for (const name of ["symbols", "venue.kind", "topology", "take over"]) assert.match(reason, name)
  assert.equal(plan.refused, [])
})

test("what needs a restart refuses the change by name", async () => {
  const next = await configuration.withApi({ symbols: ["ETHUSDT"], "plugins.sim-exchange.seed": 9090 }, "a test")
  const plan = planChange(base, next, (path) => (path.endsWith("seed") ? "restart" : "engine"))
  assert.equal(
    plan.refused.map((step) => step.plugin),
    ["sim-exchange"],
  )
  assert.match(plan.refused[0].reason, "plugins.sim-exchange.seed needs a restart")
})

test("a member of a map is reloaded as the map is", async () => {
  const plan = await planOf({ 'plugins.kernel-tuning.sysctl["net.core.somaxconn"]': 4096 })
  const [change] = stepOf(plan, "kernel-tuning").paths
  assert.equal([change.path, change.reload], ['plugins.kernel-tuning.sysctl["net.core.somaxconn"]', "live"])
})

test("another preset is a change of what it sets", async () => {
  const plan = await planOf({ presets: ["high-throughput"] })
  const changed = plan.steps.filter((step) => step.action !== "keep").map((step) => step.plugin)
  assert.equal(changed.sort(), ["kernel-tuning", "market-data", "net-tuning", "order-processing"])
  assert.equal(plan.refused, [])
})

test.run()
