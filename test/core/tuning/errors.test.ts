import { test } from "uvu"
import * as assert from "uvu/assert"
import { tunableNotInForceError } from "../../../core/tuning/errors.js"

test("a value that is only planned tells who says so, and what of that is masked", () => {
  const reading = { state: "wanted", note: null } as const
  const mode = { path: "plugins.kernel-tuning.mode", value: "plan", overrides: [] }
  const file = { layer: "file", source: "veloz.config.ts", value: "apply" } as const
  const environment = { layer: "environment", source: "VELOZ_KERNEL_TUNING", value: "plan" } as const
  const saying = (more: object): string => tunableNotInForceError("x", reading, { ...mode, ...more } as never).message
  assert.match(saying({ set_by: null }), /unless somebody says otherwise; .* can say "apply"$/)
  assert.match(saying({ set_by: environment }), /as VELOZ_KERNEL_TUNING says; .* can say "apply"$/)
  assert.match(
    saying({ set_by: environment, overrides: [file] }),
    'as VELOZ_KERNEL_TUNING says; that masks "apply" of veloz.config.ts: start the engine without it',
  )
  assert.match(saying({ value: "apply", set_by: file }), "the log of the engine says why")
})

test.run()
