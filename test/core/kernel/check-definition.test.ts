import { test } from "uvu"
import * as assert from "uvu/assert"
import { definePlugin } from "veloz"
import { checkDefinition, checkedClaims, checkedPart, PLUGIN_API } from "../../../core/kernel/check-definition.js"

const GOOD = { name: "max-notional", version: "1.0.0", veloz: "^1.0.0" }

/** What is said of a definition that a checker of types has not seen. */
function refusal(changes: object): string {
  return refusalOf(definePlugin({ ...GOOD, ...changes } as typeof GOOD))
}

function refusalOf(plugin: unknown): string {
  try {
    checkDefinition(plugin, "./max-notional.ts", "/project/max-notional.ts")
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    assert.match(message, "/project/max-notional.ts")
    return `${code}: ${message}`
  }
  return ""
}

test("a definition that is whole passes, with every member that the contract has", () => {
  const nothing = (): void => undefined
  const whole = {
    ...GOOD,
    description: "Denies what is too large.",
    schema: { type: "object", properties: {} },
    requires: ["order-processing"],
    after: [],
    before: undefined,
    provides: ["venue"],
    venues: ["my-venue"],
    check: nothing,
    engine: nothing,
    strategy: nothing,
    network: nothing,
    control: nothing,
    commands: [{ name: "limits", summary: "print them", run: nothing }],
  }
  assert.is(refusal(whole), "")
})

for (const [what, changes, expected] of [
  ["a misspelt member", { enginee() {} }, /knows no "enginee"; did you mean "engine"\?/],
  ["a member that is like none", { frobnicate: 1 }, /knows no "frobnicate"; it knows name, version, veloz/],
  ["no name", { name: undefined }, /it has no name; .*name: "max-notional"/],
  ["a name in capitals", { name: "MaxNotional" }, /name must be lower-case words with dashes.*was "MaxNotional"/],
  ["a name that ends with a dash", { name: "max-" }, /name must be lower-case words with dashes/],
  ["a version that is none", { version: "one" }, /version must be a version, such as "1.0.0", was "one"/],
  ["no API version", { veloz: undefined }, /it has no veloz; .*veloz: "\^1\.0\.0"/],
  ["a range that is none", { veloz: "newest" }, /veloz must be a range of versions .*was "newest"/],
  ["an empty range", { veloz: " " }, /veloz must be a range/],
  ["a part that is no function", { engine: {} }, /engine must be a function, was \{\}/],
  ["one name where a list belongs", { requires: "quoter" }, /requires must be a list of names.*was "quoter"/],
  ["a schema of a number", { schema: { type: "number" } }, /schema must be a JSON Schema/],
  ["a schema as text", { schema: "{}" }, /schema must be a JSON Schema/],
  ["a venue of no kind", { provides: ["venue"] }, /does not say of which kinds; add .*: venues: \["my-venue"\]/],
  ["no kind in the list", { venues: [] }, /venues must be a list of lower-case words with dashes, .*was \[\]/],
  ["a kind in capitals", { venues: ["MyVenue"] }, /venues must be a list of lower-case words .*was \["MyVenue"\]/],
  ["one kind where a list belongs", { venues: "my-venue" }, /venues must be a list/],
  ["commands without code", { commands: [{ name: "x" }] }, /commands must be a list of commands/],
] as const) {
  test(`${what} is refused, with the mend`, () => {
    assert.match(refusal(changes), /^VELOZ_PLUGIN_INVALID: /)
    assert.match(refusal(changes), expected)
  })
}

test("a plugin for another API is refused and says what each side has", () => {
  assert.match(
    refusal({ veloz: "^2.0.0" }),
    /^VELOZ_PLUGIN_API: plugin "max-notional" .*\^2\.0\.0, and this engine has 1\.0\.0: install a version/,
  )
  assert.is(refusal({ veloz: `>=${PLUGIN_API} <2` }), "")
})

for (const [what, value] of [
  ["nothing", undefined],
  ["null", null],
  ["a bare definition", GOOD],
  ["a plugin with options", definePlugin(GOOD)()],
] as const) {
  test(`${what} in the place of a plugin is refused`, () => {
    assert.match(refusalOf(value), /does not come from definePlugin; write: export default definePlugin/)
  })
}

test("a part has retune and dispose, which are functions, and nothing else", () => {
  const dispose = (): void => undefined
  assert.equal(checkedPart(undefined), {})
  assert.equal(checkedPart({ dispose, retune: undefined }), { dispose, retune: undefined })
  assert.throws(() => checkedPart({ retun: dispose }), /no "retun"; did you mean "retune"\?/)
  assert.throws(() => checkedPart({ retune: 5 }), /retune of a part is a function, not 5/)
  assert.throws(() => checkedPart(() => undefined), /returns nothing or \{ retune, dispose \}, not a function/)
  assert.throws(() => checkedPart(Promise.reject(new Error("late"))), /is made at once: make it without async/)
})

test("claims are what the contract knows, and a wrong one is named with what it should be", () => {
  const whole = {
    http: { host: "127.0.0.1", port: 0, token: "s3cret" },
    ports: [{ host: "::1", port: 1, option: "port" }],
    pins: [{ role: "engine", cores: [0, 1] }],
    housekeeping: [2],
    realtime: { policy: "fifo", priority: 50, helperPriority: 40, limitMs: 100, roles: ["engine"] },
    semiSpaceMb: 16,
  }
  assert.equal(checkedClaims(whole), whole)
  assert.equal([checkedClaims(undefined), checkedClaims({ pins: undefined })], [{}, { pins: undefined }])
  const wrong: [claims: unknown, said: RegExp][] = [
    [{ pin: [] }, /no "pin"; did you mean "pins"\?/],
    [{ pins: [{ role: "engine" }] }, /pins must be a list of cores .* was \[/],
    [{ pins: [{ role: "enigne", cores: [0] }] }, /each for one of control, network, engine, strategy/],
    [{ http: { host: "127.0.0.1", port: "80" } }, /http must be an address/],
    [{ housekeeping: [] }, /a list of one core or more/],
    [{ realtime: { policy: "fifo" } }, /realtime must be a wish/],
    [{ semiSpaceMb: "16" }, /a number above 0/],
    [Promise.reject(new Error("late")), /without async/],
    [5, /claims are http, ports, pins/],
  ]
  for (const [claims, said] of wrong) assert.throws(() => checkedClaims(claims), said)
})

test.run()
