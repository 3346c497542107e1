import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { inEachTopology } from "../../support/topologies.js"

// The full number, 2,000, is a step of its own in .ci/run.

const RELOADS = 60
const PROGRAM = fileURLToPath(new URL("./reloads.js", import.meta.url))

inEachTopology(
  `${RELOADS} reloads, half of them in vain, leave nothing of the generations that are over`,
  async (topology) => {
    const words = ["--expose-gc", "--max-old-space-size=200", PROGRAM, String(RELOADS), topology]
    const { stdout } = await promisify(execFile)(process.execPath, words)
    const { left } = JSON.parse(stdout) as { left: Record<string, number> }
    assert.is(left["engine contexts"], 1)
    assert.ok(Object.keys(left).length >= 13, "each kind was looked for")
  },
)

test.run()
