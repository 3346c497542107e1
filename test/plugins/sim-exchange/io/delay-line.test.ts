import { test } from "uvu"
import * as assert from "uvu/assert"
import { DelayLine } from "../../../../plugins/sim-exchange/io/delay-line.js"

test("without a delay it calls through at once", () => {
  let calls = 0
  new DelayLine(0).pass(() => calls++)
  assert.is(calls, 1)
})

test("what was held leaves first, also when the delay falls to nothing", async () => {
  const line = new DelayLine(5)
  const left: string[] = []
  line.pass(() => left.push("a"))
  line.pass(() => left.push("b"))
  line.delayMs = 0
  const last = new Promise<void>((resolve) => line.pass(() => resolve(void left.push("c"))))
  assert.equal(left, [])
  await last
  assert.equal(left, ["a", "b", "c"])
  assert.ok(line.isDirect)
})

test("a closed line lets nothing out", async () => {
  const line = new DelayLine(1)
  let calls = 0
  line.pass(() => calls++)
  line.close()
  await new Promise((resolve) => setTimeout(resolve, 10))
  assert.is(calls, 0)
})

test.run()
