import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { namespaceObstacle, runInNamespace } from "../support/namespace.js"
import { testUnless } from "../support/skip.js"
import type { StormResult } from "../support/tuning-kills/storm.js"

const STORM = path.resolve("dist/test/support/tuning-kills/storm.js")
const KILLS = 200
const WITHIN_SECONDS = 150
const SEED = Number(process.env.VELOZ_TEST_SEED ?? 20_261_126)

testUnless(namespaceObstacle())(
  `${KILLS} kills between and during writes, every other with reloads, leave every value as before, and foreign ones alone`,
  () => {
    const { status, stdout, stderr } = runInNamespace(
      `${process.execPath} ${STORM} ${KILLS} ${WITHIN_SECONDS} ${SEED}`,
      {},
      undefined,
      (WITHIN_SECONDS + 20) * 1000,
    )
    assert.is(status, 0, stderr)
    const { kills, wrong, outcomes, foreignWrites } = JSON.parse(stdout) as StormResult
    console.log(`seed ${SEED}: ${kills} kills, ${foreignWrites} foreign writes, recovered: ${JSON.stringify(outcomes)}`)
    assert.equal(wrong, [], `seed ${SEED}`)
    assert.is(kills, KILLS, `no more than ${kills} kills in ${WITHIN_SECONDS} s`)
    assert.ok(outcomes.restored >= KILLS, "what was set was put back")
    assert.ok(foreignWrites > KILLS / 10)
  },
)

test.run()
