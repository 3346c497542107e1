import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVeloz, runVelozIn } from "../../support/run-veloz.js"
import { RunningEngine } from "../../support/running-engine.js"
import { TOPOLOGIES } from "../../support/topologies.js"

const COMMAND = [process.execPath, fileURLToPath(new URL("../../../core/cli/main.js", import.meta.url))]

for (const topology of TOPOLOGIES) {
  test(`${topology}: two readings of a running engine are taken, saved, and compared with what was changed between`, async () => {
    const cwd = mkdtempSync(join(tmpdir(), "veloz-measured-"))
    const [before, after] = [join(cwd, "before.json"), join(cwd, "after.json")]
    writeFileSync(
      join(cwd, "veloz.config.json"),
      JSON.stringify({ topology, plugins: { quoter: { orders_per_second: 50 } } }),
    )
    const engine = await RunningEngine.start(COMMAND, cwd)
    try {
      await engine.trading()
      const env = { VELOZ_PORT: String(engine.port) }
      const first = await runVelozIn({ env }, "measure", "--seconds", "2", "--save", before, "--json")
      assert.is(first.code, 0, first.err)
      const { seconds, latency, throughput, profile, counters } = JSON.parse(first.out)
      assert.ok(seconds >= 1.9 && latency.processing.count > 0 && latency.order_to_ack.count > 0, first.out)
      assert.ok(Math.abs(throughput.orders_per_second * seconds - counters.orders_sent) <= 1, first.out)
      assert.ok(profile.orders > 0 && profile.order_path.total_us > 0)
      const change = {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"order_book_depth": 7}',
      }
      assert.ok((await fetch(`${engine.url}/api/config/market_data`, change)).ok)
      assert.is((await runVelozIn({ env }, "measure", "--seconds", "2", "--save", after)).code, 0)
      const { code, out } = await runVeloz("compare", before, after)
      assert.is(code, 0)
      assert.match(out, "plugins.market-data.order_book_depth: 10 -> 7")
      assert.match(out, "processing p50")
    } finally {
      await engine.stop("SIGKILL")
      rmSync(cwd, { recursive: true })
    }
  })
}

test.run()
