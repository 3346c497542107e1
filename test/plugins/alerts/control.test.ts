import { test } from "uvu"
import * as assert from "uvu/assert"
import { type AlertRuleOptions, type AlertsOptions, type EngineFacade, VelozError } from "veloz"
import { control } from "../../../plugins/alerts/control.js"
import { FakeConfiguration } from "../../support/fake-configuration.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

const PATH = "/api/alerts/latency"

/** The plugin with figures that a test sets, on a clock that it moves. */
class Rig {
  readonly figures: Record<string, number | null> = { order_to_ack_p99_us: null, fills: 0 }
  readonly options = defaultOptions<AlertsOptions>("alerts")
  readonly configuration: FakeConfiguration
  readonly probe: ControlProbe<AlertsOptions>
  readonly part: ReturnType<typeof control>

  constructor(rules: AlertRuleOptions[] = []) {
    this.options.rules = rules
    this.configuration = new FakeConfiguration({ alerts: this.options as unknown as Record<string, unknown> })
    const metrics = {
      figures: () => ({ latency: this.figures, throughput: {}, counters: {} }),
      requireFigure: (name: string, field: string) => {
        if (!(name in this.figures)) throw new VelozError("X", name, { status: 400, httpCode: "bad_params", field })
      },
    } as unknown as EngineFacade["metrics"]
    this.probe = new ControlProbe("alerts", this.options, { metrics, configuration: this.configuration })
    this.part = control(this.probe.context)
  }

  /** As the kernel does at a commit. */
  retune(rules: AlertRuleOptions[]): void {
    this.options.rules = rules
    this.part.retune!()
  }

  /** What was told since the last call. */
  told(): [type: string, data: object][] {
    const { events, id } = { events: this.probe.events, id: this.#told }
    this.#told = events.lastId
    return events.since(id, ["performance"], 100).events.map(({ type, data }) => [type, data])
  }

  #told = 0
}

const rule = (changes: Partial<AlertRuleOptions> = {}): AlertRuleOptions => {
  return { name: "slow", metric: "order_to_ack_p99_us", threshold: 500, duration_seconds: 2, action: "log", ...changes }
}

test("an alert is told and logged when it fires after its duration, and when it is resolved", () => {
  const rig = new Rig([rule()])
  rig.figures.order_to_ack_p99_us = 700
  rig.probe.run(2000)
  assert.equal(rig.told(), [])
  rig.figures.order_to_ack_p99_us = 800
  rig.probe.run(1000)
  const { duration_seconds, action: _, ...about } = rule()
  assert.equal(rig.told(), [["performance_alert", { ...about, current: 800, duration_seconds }]])
  rig.figures.order_to_ack_p99_us = 500
  rig.probe.run(1000)
  assert.equal(rig.told(), [["performance_alert_resolved", { ...about, current: 500, reason: "measured" }]])
  assert.equal(
    rig.probe.context.lines.map(({ level, message }) => `${level} ${message}`),
    [
      'warn alert "slow": order_to_ack_p99_us is 800, above 500 and has been for 2 s',
      'info alert "slow" is resolved: order_to_ack_p99_us is back at 500',
    ],
  )
})

test('the action "stream" tells and does not log', () => {
  const rig = new Rig([rule({ action: "stream", duration_seconds: 0 })])
  rig.figures.order_to_ack_p99_us = 501
  rig.probe.run(1000)
  assert.is(rig.told().length, 1)
  assert.equal(rig.probe.context.lines, [])
})

test("a change of its duration or action leaves an alert as it stands", () => {
  const rig = new Rig([rule({ duration_seconds: 0 })])
  rig.figures.order_to_ack_p99_us = 501
  rig.probe.run(1000)
  rig.told()
  rig.retune([rule({ duration_seconds: 60, action: "stream" }), rule({ name: "other", threshold: 1000 })])
  rig.probe.run(1000)
  assert.equal(rig.told(), [])
  rig.figures.order_to_ack_p99_us = 499
  rig.probe.run(1000)
  assert.is(rig.told()[0][0], "performance_alert_resolved")
})

test("one that fires and is removed, or watches something else, is told as resolved", () => {
  for (const next of [[], [rule({ metric: "fills" })], [rule({ threshold: 600 })]]) {
    const rig = new Rig([rule({ duration_seconds: 0 })])
    rig.figures.order_to_ack_p99_us = 550
    rig.probe.run(1000)
    rig.told()
    rig.retune(next)
    const [[type, data], ...others] = rig.told()
    assert.is(type, "performance_alert_resolved")
    assert.is((data as { reason: string }).reason, "reconfigured")
    assert.equal(others, [])
  }
})

test("a plugin that is switched off resolves what fires", () => {
  const rig = new Rig([rule({ duration_seconds: 0 })])
  rig.figures.order_to_ack_p99_us = 550
  rig.probe.run(1000)
  rig.told()
  rig.part.dispose!()
  rig.part.dispose!()
  assert.is(rig.told().length, 1)
})

test("a figure that is no more has no sample", () => {
  const rig = new Rig([rule({ duration_seconds: 0 })])
  delete rig.figures.order_to_ack_p99_us
  rig.probe.run(2000)
  assert.equal(rig.told(), [])
})

test("options that name an unknown figure are refused when everything is prepared, by their path", () => {
  const { probe } = new Rig()
  assert.equal(probe.prepared({ rules: [rule()] }), [])
  const wrong = ["b", "c"].map((name) => rule({ name, metric: "order_to_akc" }))
  assert.equal(
    probe.prepared({ rules: [rule(), ...wrong] }).map(({ field }) => field),
    ["plugins.alerts.rules[1].metric", "plugins.alerts.rules[2].metric"],
  )
})

test("POST adds to the list, replaces by name, and counts what is configured", async () => {
  const rig = new Rig([rule(), rule({ name: "b" })])
  const http = await HttpProbe.serving(rig.probe.routes)
  const { action: _, duration_seconds: __, ...bare } = rule({ name: "c" })
  const answer = await http.post(PATH, { alerts: [rule({ threshold: 9 }), bare] })
  assert.equal([answer.status, answer.body], [200, { ok: true, alerts_configured: 3 }])
  const [{ changes, author }] = rig.configuration.changes
  assert.equal(changes, { "plugins.alerts.rules": [rule({ name: "b" }), rule({ threshold: 9 }), bare] })
  assert.is(author, "POST /api/alerts/latency")
  await http.close()
})

test("GET lists the alerts with their state, DELETE removes one by its name", async () => {
  const rig = new Rig([rule({ name: "one: a.b" }), rule({ name: "two" })])
  const http = await HttpProbe.serving(rig.probe.routes)
  rig.figures.order_to_ack_p99_us = 600
  rig.probe.run(1000)
  const { alerts } = (await http.get(PATH)).body
  assert.equal(
    alerts.map(({ name, state, current }: Record<string, unknown>) => [name, state, current]),
    [
      ["one: a.b", "pending", 600],
      ["two", "pending", 600],
    ],
  )
  const gone = await http.send("DELETE", `${PATH}/${encodeURIComponent("one: a.b")}`, undefined, {})
  assert.equal([gone.status, gone.body], [200, { ok: true, alerts_configured: 1 }])
  assert.equal(rig.options.rules, [rule({ name: "two" })])
  const missing = await http.send("DELETE", `${PATH}/none`, undefined, {})
  assert.equal([missing.status, missing.body.error, missing.body.field], [404, "not_found", "name"])
  assert.match(missing.body.message, "two")
  await http.close()
})

test("a body that does not fit is refused by its field, and changes nothing", async () => {
  const rig = new Rig()
  const http = await HttpProbe.serving(rig.probe.routes)
  const refused: [unknown, string | undefined][] = [
    [undefined, undefined],
    [{}, "alerts"],
    [{ alerts: [] }, "alerts"],
    [{ alerts: {} }, "alerts"],
    [{ alerts: [7] }, "alerts.0"],
    [{ alerts: [{ metric: "fills", threshold: 1 }] }, "alerts.0.name"],
    [{ alerts: [rule({ name: "" })] }, "alerts.0.name"],
    [{ alerts: [rule({ name: "a/b" })] }, "alerts.0.name"],
    [{ alerts: [rule({ name: "x".repeat(65) })] }, "alerts.0.name"],
    [{ alerts: [rule({ threshold: "9" as unknown as number })] }, "alerts.0.threshold"],
    [{ alerts: [rule({ threshold: null as unknown as number })] }, "alerts.0.threshold"],
    [{ alerts: [rule({ duration_seconds: -1 })] }, "alerts.0.duration_seconds"],
    [{ alerts: [rule({ duration_seconds: 1e9 })] }, "alerts.0.duration_seconds"],
    [{ alerts: [rule({ action: "mail" as "log" })] }, "alerts.0.action"],
    [{ alerts: [rule(), rule({ name: "b", metric: "order_to_akc" })] }, "alerts.1.metric"],
    [{ alerts: [rule(), rule()] }, "alerts.1.name"],
    [{ alerts: [{ ...rule(), colour: "red" }] }, "alerts.0.colour"],
    [{ alerts: Array.from({ length: 257 }, (_, index) => rule({ name: `${index}` })) }, "alerts"],
  ]
  for (const [body, field] of refused) {
    const { status, body: answer } = await http.post(PATH, body as object)
    assert.equal([status, answer.error, answer.field], [400, "bad_params", field], JSON.stringify(body)?.slice(0, 99))
  }
  const { body } = await http.post(PATH, { alerts: [rule({ action: "mail" as "log" })] })
  assert.match(body.message, /"log" or "stream"/)
  assert.equal(rig.configuration.changes, [])
  await http.close()
})

test.run()
