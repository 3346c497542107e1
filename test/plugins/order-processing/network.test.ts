import { test } from "uvu"
import * as assert from "uvu/assert"
import type { OrderProcessingOptions } from "veloz"
import { network } from "../../../plugins/order-processing/network.js"
import { defaultOptions, NetworkProbe } from "../../support/part-contexts.js"

function stagesWith(batch_size: number): string[] {
  const probe = new NetworkProbe(defaultOptions<OrderProcessingOptions>("order-processing", { batch_size }))
  network(probe.context)
  return [...probe.stages.keys()]
}

test("a batch of one has no stage, a larger one has", () => {
  assert.equal(stagesWith(1), [])
  assert.equal(stagesWith(2), ["batch"])
})

test.run()
