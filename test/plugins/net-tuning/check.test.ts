import { test } from "uvu"
import * as assert from "uvu/assert"
import { type NetTuningOptions, VelozError } from "veloz"
import { check } from "../../../plugins/net-tuning/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

function wishing(tcp_congestion: string): NetTuningOptions {
  return defaultOptions<NetTuningOptions>("net-tuning", { tcp_congestion })
}

test("a congestion control that the kernel has not loaded is refused, with the ones that it has", () => {
  try {
    check(wishing("vegas"), ["reno", "cubic"])
    assert.unreachable("it was taken")
  } catch (error) {
    assert.instance(error, VelozError)
    const { code, status, field, message } = error as VelozError
    assert.equal([code, status, field], ["VELOZ_CONGESTION_UNAVAILABLE", 422, "tcp_congestion"])
    assert.match(message, "this kernel has loaded reno, cubic")
    assert.match(message, "modprobe tcp_vegas")
  }
})

test("one that is there, no wish, and a system that does not tell are taken", () => {
  check(wishing("cubic"), ["reno", "cubic"])
  check(wishing(""), ["reno"])
  check(wishing("vegas"), [])
})

test.run()
