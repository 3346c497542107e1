import { test } from "uvu"
import * as assert from "uvu/assert"
import { type NetTuningOptions, VelozError } from "veloz"
import { check } from "../../../plugins/net-tuning/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const REFUSED: Partial<NetTuningOptions>[] = [
  { tcp_nodelay: false },
  { recv_buffer: 65536 },
  { send_buffer: 1 },
  { keepalive_interval: 10 },
]

test("the defaults are taken", () => {
  assert.not.throws(() => check(defaultOptions<NetTuningOptions>("net-tuning")))
})

test("what a later release fills is refused by the option's name, with what to leave it at", () => {
  for (const change of REFUSED) {
    const [name] = Object.keys(change)
    try {
      check(defaultOptions<NetTuningOptions>("net-tuning", change))
      assert.unreachable(`${name} was taken`)
    } catch (error) {
      assert.instance(error, VelozError)
      const { code, status, httpCode, field, message } = error as VelozError
      assert.equal([code, status, httpCode, field], ["VELOZ_NOT_AVAILABLE", 409, "not_available", name])
      assert.match(message, `net-tuning.${name}`)
      assert.match(message, "leave")
    }
  }
})

test.run()
