import { test } from "uvu"
import * as assert from "uvu/assert"
import { isOn, judgeBlocks } from "../../../core/measure/ab-verdict.js"
import type { IntervalFigures } from "../../../core/measure/figures.js"
import { seededRandom } from "../../support/random.js"

const BLOCKS = 24

/** Blocks whose figures wander by a tenth, and are what `shape` says where the switch is on. */
function blocks(shape: { p50?: number; p95?: number; count?: number } = {}): IntervalFigures[] {
  const random = seededRandom(7)
  const { p50 = 1, p95 = 1, count = 400 } = shape
  return Array.from({ length: BLOCKS }, (_, block) => {
    const wander = (): number => 0.95 + random() * 0.1
    const [middle, tail] = isOn(block) ? [p50, p95] : [1, 1]
    const processing = { count, p50_us: 10 * middle * wander(), p95_us: 40 * tail * wander(), p99_us: 90, max_us: 100 }
    return { seconds: 1, latency: { processing } } as unknown as IntervalFigures
  })
}

const verdict = (shape?: Parameters<typeof blocks>[0]): string => judgeBlocks(blocks(shape)).verdict

test("blocks come in the order ABBA", () => {
  assert.equal([0, 1, 2, 3, 4, 5, 6, 7].map(isOn), [false, true, true, false, false, true, true, false])
})

test("a switch that changes nothing has no effect, and the control says the same", () => {
  const { verdict: answer, figures } = judgeBlocks(blocks())
  assert.is(answer, "no effect")
  assert.equal(
    figures.map(({ figure, judgement }) => [figure, judgement]),
    [
      ["processing.p50_us", "same"],
      ["processing.p95_us", "same"],
    ],
  )
  assert.ok(figures.every(({ control }) => control.p > 0.01 && Math.abs(control.effect_pct) < 5))
})

test("what makes the median faster is kept, and its effect is told", () => {
  const { verdict: answer, figures } = judgeBlocks(blocks({ p50: 0.5 }))
  assert.is(answer, "keep")
  assert.ok(Math.abs(figures[0].effect_pct + 50) < 6, `${figures[0].effect_pct} %`)
  assert.ok(figures[0].p < 0.01)
})

test("what makes it slower is reverted, and harmful beyond a quarter", () => {
  assert.is(verdict({ p50: 1.2 }), "revert")
  assert.is(verdict({ p50: 2 }), "harmful")
})

test("a better median that costs the tail is a conflict", () => {
  assert.is(verdict({ p50: 0.5, p95: 2 }), "conflict")
})

test("a real difference that is smaller than 5 % is not worth a setting", () => {
  assert.is(verdict({ p50: 0.98 }), "no effect")
})

test("figures of blocks with too few samples are left out, and without any there is no verdict", () => {
  assert.is(verdict({ count: 10 }), "few")
  assert.equal(judgeBlocks(blocks({ count: 50 })).figures.length, 1)
})

test.run()
