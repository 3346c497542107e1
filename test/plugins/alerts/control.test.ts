import { test } from "uvu"
import * as assert from "uvu/assert"
import type { AlertsOptions } from "veloz"
import { control } from "../../../plugins/alerts/control.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

test("its route answers that it is not available, whatever it is sent", async () => {
  const probe = new ControlProbe("alerts", defaultOptions<AlertsOptions>("alerts"))
  control(probe.context)
  const http = await HttpProbe.serving(probe.routes)
  for (const body of [undefined, {}, { anything: [1] }]) {
    const answer = await http.post("/api/alerts/latency", body)
    assert.is(answer.status, 409)
    assert.is(answer.body.error, "not_available")
  }
  await http.close()
})

test.run()
