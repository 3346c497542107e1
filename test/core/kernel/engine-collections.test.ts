import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { ThreadReading } from "veloz"
import { Project, sleep } from "../../support/engine-project.js"
import { TOPOLOGIES } from "../../support/topologies.js"

/** Objects that live until the next round: what the collector has to look at, it stops the thread for. */
const GARBAGE = `
import { definePlugin } from "veloz"
export default definePlugin({
  name: "garbage",
  version: "1.0.0",
  veloz: "^1.0.0",
  strategy({ timers }) {
    let kept = []
    timers.every(10, () => {
      kept = Array.from({ length: 20_000 }, (_, i) => ({ i }))
    })
  },
})
`

for (const topology of TOPOLOGIES) {
  test(`${topology}: what the collector stops a hot thread for is told of that thread`, async () => {
    const project = new Project(topology)
    writeFileSync(join(project.cwd, "garbage.ts"), GARBAGE)
    project.save({ plugins: { quoter: { orders_per_second: 20 }, "./garbage.ts": {} } })
    await project.start()
    try {
      const read = (): ThreadReading[] => project.facade.metrics.threads()
      const isStrategy = ({ roles }: ThreadReading): boolean => roles.includes("strategy")
      const collected = (): number => read().find(isStrategy)!.collections!.count
      for (let attempt = 0; attempt < 400 && collected() < 3; attempt += 1) await sleep(50)
      const { count, sum_ms, longest_us, total } = read().find(isStrategy)!.collections!
      assert.ok(count >= 3, `${count} collections`)
      assert.ok(longest_us! > 0 && longest_us! <= sum_ms * 1000, `${longest_us} us of ${sum_ms} ms`)
      assert.ok(total.count >= count && total.longest_us! >= longest_us!)
      for (const { roles, collections } of read()) {
        assert.is(collections === null, roles[0] === "runtime" || roles[0] === "warmer", roles[0])
      }
    } finally {
      await project.end()
    }
  })
}

test.run()
