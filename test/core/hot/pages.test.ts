import { spawnSync } from "node:child_process"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { touchPages } from "../../../core/hot/pages.js"
import { STRING_CELL_BYTES } from "../../../core/hot/pool-sizes.js"

const SIZE_MB = 128
const STRING_POOL = new URL("../../../core/hot/string-pool.js", import.meta.url).href

/** Megabytes by which a process of its own has grown once it has a large pool. */
function residentGrowthMb(preallocate: boolean): number {
  const script = `
    import { StringPool } from ${JSON.stringify(STRING_POOL)}
    const before = process.memoryUsage.rss()
    const pool = new StringPool(0)
    pool.slots.resize(${Math.floor((SIZE_MB * 2 ** 20) / STRING_CELL_BYTES)}, ${preallocate})
    while (!pool.slots.isSettled) pool.slots.settle()
    console.log((process.memoryUsage.rss() - before) / 2 ** 20)`
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })
  assert.is(stderr, "")
  return Number(stdout)
}

test("touching leaves every byte as it is", () => {
  const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index)
  const copy = bytes.slice()
  touchPages(bytes)
  assert.equal(bytes, copy)
})

test("a large pool is resident when it was preallocated, and only then", () => {
  const [touched, untouched] = [residentGrowthMb(true), residentGrowthMb(false)]
  assert.ok(touched > 0.9 * SIZE_MB, `${touched} MiB of ${SIZE_MB}`)
  assert.ok(untouched < 0.5 * SIZE_MB, `${untouched} MiB of ${SIZE_MB}`)
})

test.run()
