import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { KernelTuningOptions } from "veloz"
import { openMachine } from "../../../core/tuning/machine.js"
import { CATALOGUE } from "../../../plugins/kernel-tuning/catalogue.js"
import { control } from "../../../plugins/kernel-tuning/control.js"
import { tuning } from "../../../plugins/kernel-tuning/tuning.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"
import { TuningRig, withFolder } from "../../support/tuning-rig.js"

test("GET /api/metrics/kernel tells every value of the catalogue as this machine has it", () =>
  withFolder(async (folder) => {
    const options = defaultOptions<KernelTuningOptions>("kernel-tuning")
    const rig = new TuningRig(openMachine(), folder)
    rig.change(new Map([["kernel-tuning", tuning(options, rig.machine)]]))
    const probe = new ControlProbe("kernel-tuning", options, { tuning: rig.tuning })
    control(probe.context)
    const http = await HttpProbe.serving(probe.routes)
    const { status, body } = await http.get("/api/metrics/kernel")
    await http.close()
    assert.is(status, 200)
    const values = body.values as { id: string; value: string | number | null; note?: string }[]
    for (const { id } of CATALOGUE)
      assert.ok(
        values.some((value) => value.id === id),
        id,
      )
    for (const { id, value, note } of values) {
      if (value === null) assert.match(note ?? "", /^(unavailable: |not given)/, id)
      else if (/^(net|vm|kernel)\./.test(id)) assert.equal(String(value).split(" "), onThisMachine(id), id)
    }
  }))

function onThisMachine(sysctl: string): string[] {
  return readFileSync(`/proc/sys/${sysctl.replaceAll(".", "/")}`, "utf8")
    .trim()
    .split("\t")
}

test.run()
