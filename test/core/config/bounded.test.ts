import { test } from "uvu"
import * as assert from "uvu/assert"
import { bounded, settled } from "../../../core/config/bounded.js"
import { problemOf, project } from "./project.js"

test("bounded returns and throws what the code does", () => {
  const value = {}
  assert.is(
    bounded(() => value),
    value,
  )
  const thrown = new RangeError("mine")
  try {
    bounded(() => {
      throw thrown
    })
    assert.unreachable()
  } catch (error) {
    assert.is(error, thrown)
  }
})

test("a loop without an end is ended, and the next code runs", () => {
  assert.throws(() => bounded(loopForEver, 50), /had not ended after 50 ms/)
  assert.is(
    bounded(() => 7, 50),
    7,
  )
})

test("a promise that nobody settles is given up", async () => {
  try {
    await settled(new Promise<never>(() => undefined), 20)
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, /had not come after 20 ms/)
  }
  assert.is(await settled(Promise.resolve(7), 20), 7)
})

test("a configuration that calls process.exit is refused, with the place", async () => {
  const { exit } = process
  const atTop = project({ "veloz.config.ts": "\nprocess.exit(3)\nexport default {}" })
  const problem = await problemOf(atTop.configuration().load())
  assert.is(problem.code, "VELOZ_CONFIG_THREW")
  assert.match(problem.message, /process\.exit/)
  assert.is(problem.line, 2)
  const inFunction = project({ "veloz.config.ts": "export default () => process.exit(3)" })
  assert.match((await problemOf(inFunction.configuration().load())).message, /process\.exit/)
  assert.is(process.exit, exit)
})

test("what would end the process throws, and the process is as it was afterwards", () => {
  const { exit, kill, abort } = process
  assert.throws(() => bounded(() => process.kill(process.pid, "SIGKILL")), /process\.kill is not for/)
  assert.throws(() => bounded(() => process.abort()), /process\.abort is not for/)
  assert.ok(
    bounded(() => process.kill(process.ppid, 0)),
    "others may be asked",
  )
  assert.equal([process.exit, process.kill, process.abort], [exit, kill, abort])
})

function loopForEver(): never {
  for (;;) Math.random()
}

test.run()
