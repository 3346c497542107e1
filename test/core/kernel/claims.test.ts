import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Claims } from "veloz"
import { type Ground, httpOf, judgeClaims, placesOf } from "../../../core/kernel/claims.js"
import { FOUR_CPUS } from "../../support/part-contexts.js"

const AUTO = { topology: "auto", idle_strategy: "auto" } as const
const RAISED = { policy: "fifo", priority: 50, helperPriority: 40, limitMs: 100, roles: ["engine"] } as const

/** The shape that it comes to, and who is refused what. */
function judged(
  claims: Record<string, Claims>,
  ground: Partial<Ground> = {},
  wish: object = AUTO,
): [string | undefined, unknown[]] {
  const refusals: unknown[] = []
  const shape = judgeClaims(
    new Map(Object.entries(claims)),
    { ...AUTO, ...wish },
    { cpus: FOUR_CPUS, ...ground },
    ({ code, field }, plugin) => void refusals.push([code, field, plugin]),
  )
  return [shape && `${shape.topology} ${shape.idleStrategy}`, refusals]
}

const pinned = (role: "engine" | "network", cpu: number): Claims => ({
  pins: [{ role, cores: [cpu], option: `plugins.${role}.cores` }],
})

test("claims of several plugins make one shape", () => {
  assert.equal(judged({}), ["fused park", []])
  assert.equal(judged({ one: pinned("engine", 1), other: pinned("network", 2) }), ["split park", []])
})

test("every core that is not there is refused for itself, and then no shape is judged", () => {
  const [shape, refusals] = judged(
    { one: pinned("engine", 4), other: pinned("network", 5) },
    {},
    { idle_strategy: "spin" },
  )
  assert.is(shape, undefined)
  assert.equal(refusals, [
    ["VELOZ_PIN_REFUSED", "plugins.engine.cores", "one"],
    ["VELOZ_PIN_REFUSED", "plugins.network.cores", "other"],
  ])
})

test("cores that differ are refused in fused, whoever claims them", () => {
  const [, [refusal]] = judged({ one: pinned("engine", 1), other: pinned("network", 2) }, {}, { topology: "fused" })
  assert.equal(refusal, ["VELOZ_PINS_DIFFER", "plugins.network.cores", undefined])
})

test("spinning is judged with the topology that the claims come to", () => {
  const spin = { idle_strategy: "spin" }
  assert.equal(judged({}, {}, spin), ["fused spin", []])
  const [, [refusal]] = judged({ one: pinned("engine", 1), other: pinned("network", 2) }, {}, spin)
  assert.equal(refusal, ["VELOZ_SPIN_REFUSED", "idle_strategy", undefined])
  assert.equal(judged({}, { inheritedRealtime: "fifo 50" }, spin), ["fused park", []])
})

test("a priority is refused without its guards, and where the kernel does not permit it", () => {
  const realtime = { ...RAISED, option: "plugins.one.scheduler" }
  const [, [unguarded]] = judged({ one: { realtime } })
  assert.equal(unguarded, ["VELOZ_REALTIME_UNGUARDED", "plugins.one.scheduler", undefined])
  const guarded = { one: { ...pinned("engine", 1), realtime, housekeeping: [0] } }
  assert.equal(judged(guarded), ["fused park", []])
  const [, [refused]] = judged(guarded, { realtimeRefusal: () => "it takes CAP_SYS_NICE" })
  assert.equal(refused, ["VELOZ_REALTIME_REFUSED", "plugins.one.scheduler", undefined])
})

test("an address that others reach takes a token", () => {
  const http = { host: "0.0.0.0", port: 1 }
  assert.equal(judged({ one: { http } }), [undefined, [["VELOZ_TOKEN_MISSING", "host", "one"]]])
  assert.equal(judged({ one: { http: { ...http, token: "s3cret" } } }), ["fused park", []])
})

test("of claims that exclude each other the last one counts", () => {
  const claims = new Map<string, Claims>([
    ["one", { http: { host: "127.0.0.1", port: 1 }, semiSpaceMb: 8, housekeeping: [1] }],
    ["two", { http: { host: "127.0.0.1", port: 2 }, semiSpaceMb: 16 }],
    ["three", {}],
  ])
  assert.equal(httpOf(claims), { plugin: "two", address: { host: "127.0.0.1", port: 2 } })
  assert.equal(placesOf(claims), { pins: [], realtime: [], housekeeping: [1], semiSpaceMb: 16 })
})

test.run()
