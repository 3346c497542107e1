import { test } from "uvu"
import * as assert from "uvu/assert"
import { describeFailure } from "../../../core/cli/failure.js"
import { ringCapacityError } from "../../../core/hot/errors.js"
import { VelozError } from "../../../core/kernel/errors.js"

test("an error of ours is one sentence with its code and no stack", () => {
  const error = new VelozError("VELOZ_PORT_TAKEN", "cannot listen on 127.0.0.1:8080: nginx (pid 12) holds the port")
  assert.is(
    describeFailure(error, {}),
    "veloz: VELOZ_PORT_TAKEN: cannot listen on 127.0.0.1:8080: nginx (pid 12) holds the port",
  )
})

test("a code that the sentence begins with is not said twice", () => {
  const text = describeFailure(ringCapacityError(3000), {})
  assert.is(text.split("VELOZ_RING_CAPACITY").length, 2)
})

test("an error of the system keeps its code", () => {
  const error = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: "EACCES" })
  assert.is(describeFailure(error, {}), "veloz: EACCES: permission denied, open 'x'")
})

test("a surprise says that it is one, and how to see where it happened", () => {
  assert.match(describeFailure(new TypeError("x is not a function"), {}), "VELOZ_DEBUG=1")
  assert.is(describeFailure("plain text", {}), "veloz: plain text")
})

test("VELOZ_DEBUG prints the stack", () => {
  assert.match(describeFailure(new VelozError("VELOZ_X", "y"), { VELOZ_DEBUG: "1" }), /failure\.test\.js:\d+/)
})

test.run()
