import { test } from "uvu"
import * as assert from "uvu/assert"
import { type KernelTuningOptions, VelozError } from "veloz"
import { check } from "../../../plugins/kernel-tuning/check.js"
import { defaultOptions } from "../../support/part-contexts.js"

const REFUSED: Partial<KernelTuningOptions>[] = [{ mode: "apply" }, { sysctl: { "net.core.somaxconn": 4096 } }]

test("the defaults are taken", () => {
  assert.not.throws(() => check(defaultOptions<KernelTuningOptions>("kernel-tuning")))
})

test("what a later release fills is refused by the option's name, with what to leave it at", () => {
  for (const change of REFUSED) {
    const [name] = Object.keys(change)
    try {
      check(defaultOptions<KernelTuningOptions>("kernel-tuning", change))
      assert.unreachable(`${name} was taken`)
    } catch (error) {
      assert.instance(error, VelozError)
      const { code, status, httpCode, field, message } = error as VelozError
      assert.equal([code, status, httpCode, field], ["VELOZ_NOT_AVAILABLE", 409, "not_available", name])
      assert.match(message, `kernel-tuning.${name}`)
      assert.match(message, "leave")
    }
  }
})

test.run()
