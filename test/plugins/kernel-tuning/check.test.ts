import { test } from "uvu"
import * as assert from "uvu/assert"
import type { KernelTuningOptions } from "veloz"
import { check } from "../../../plugins/kernel-tuning/check.js"
import { defaultOptions, objectionsOf } from "../../support/part-contexts.js"

const REFUSED: Partial<KernelTuningOptions>[] = [{ mode: "apply" }, { sysctl: { "net.core.somaxconn": 4096 } }]

test("the defaults are taken", () => {
  assert.equal(objectionsOf(check, defaultOptions<KernelTuningOptions>("kernel-tuning")), [])
})

test("what a later release fills is refused by the option's name, with what to leave it at", () => {
  for (const change of REFUSED) {
    const [name] = Object.keys(change)
    const objections = objectionsOf(check, defaultOptions<KernelTuningOptions>("kernel-tuning", change))
    assert.is(objections.length, 1)
    const { code, status, httpCode, field, message } = objections[0]
    assert.equal([code, status, httpCode, field], ["VELOZ_NOT_AVAILABLE", 409, "not_available", name])
    assert.match(message, `kernel-tuning.${name}`)
    assert.match(message, "leave")
  }
})

test.run()
