import { test } from "uvu"
import * as assert from "uvu/assert"
import type { VelozError } from "veloz"
import { symbolSpecs } from "../../../core/testing/test-symbols.js"
import { HotThreadHandle } from "../../../core/threads/hot-thread-handle.js"
import { createSharedMemory } from "../../../core/threads/shared-memory.js"

const DEADLINE_MS = 500

/** A hot thread that is asked to prepare and, if it does, to prime a plugin. Returns why it did not. */
async function refusalOf(definition: string): Promise<VelozError | undefined> {
  const thread = await HotThreadHandle.start(
    "looping",
    () => undefined,
    () => undefined,
  )
  const symbols = symbolSpecs([{ name: "BTCUSDT", quoteAsset: "USDT", minNotional: 1 }])
  const about = { symbols, memory: createSharedMemory(1), idleStrategy: "park", baseSeconds: 0, epoch: 0 } as const
  thread.send({ type: "open", data: { ...about, roles: ["network", "engine", "strategy"], orderPoolSize: 64 } })
  const head = `let made = 0; exports.default = require("veloz").definePlugin(`
  const code = `${head}{ name: "mine", version: "1.0.0", veloz: "^1.0.0", ${definition} })`
  const source = { kind: "bundle", entry: "/nowhere/mine.js", code, hash: "1" } as const
  const request = { generation: 1, plugins: [{ name: "./mine.js", action: "remake", options: {}, source }] } as const
  try {
    await thread.ask({ type: "prepare", ...request }, ["prepared"], DEADLINE_MS)
    await thread.ask({ type: "prime", ...request }, ["primed"], DEADLINE_MS)
    return undefined
  } catch (error) {
    return error as VelozError
  } finally {
    await thread.stop()
  }
}

const CASES = [
  { what: "prepare", when: "made", definition: "engine() { for (;;); }" },
  { what: "prime", when: "made once more", definition: "engine() { made += 1; while (made === 2); }" },
  {
    what: "prime",
    when: "run on what is invented",
    definition: 'engine({ market }) { made += 1; if (made === 2) market.decoded.tap("loop", () => { for (;;); }) }',
  },
]

for (const { what, when, definition } of CASES) {
  test(`a thread that does not come back names the plugin that loops when it is ${when}`, async () => {
    const error = await refusalOf(definition)
    assert.is(error?.code, "VELOZ_THREAD_SILENT")
    assert.match(error!.message, `looping has not answered ${what} within ${DEADLINE_MS} ms`)
    assert.match(error!.message, 'plugin "./mine.js": is there a loop without an end?')
  })
}

test("a thread is not silent over a plugin that ends", async () => {
  assert.is(await refusalOf("engine() { made += 1 }"), undefined)
})

test.run()
