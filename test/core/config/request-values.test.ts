import { test } from "uvu"
import * as assert from "uvu/assert"
import { refusedToRequests } from "../../../core/config/request-values.js"
import { project } from "./project.js"

const config = (kernel: unknown) =>
  project({ "veloz.config.json": { plugins: { "kernel-tuning": kernel } } })
    .configuration()
    .load()

const refused = async (old: unknown, next: unknown): Promise<string[]> =>
  refusedToRequests(await config(old), await config(next)).map(({ path }) => path)

test("a request may take mode from apply to plan, and not the other way round", async () => {
  assert.equal(await refused({ mode: "apply" }, { mode: "plan" }), [])
  assert.equal(await refused({ mode: "plan" }, { mode: "apply" }), ["plugins.kernel-tuning.mode"])
})

test("it may change what is applied, and leave the mode as it is", async () => {
  assert.equal(await refused({ mode: "apply" }, { mode: "apply", sysctl: { "vm.swappiness": 10 } }), [])
})

test("it cannot switch a plugin on that would apply", async () => {
  assert.equal(await refused(false, { mode: "apply" }), ["plugins.kernel-tuning.mode"])
  assert.equal(await refused(false, true), [])
})

test.run()
