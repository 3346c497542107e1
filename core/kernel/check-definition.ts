import semver from "semver"
import { nearest } from "../config/nearest.js"
import type { Claims, Part, Plugin, PluginDefinition } from "./contract.js"
import { pluginApiError, pluginInvalidError } from "./errors.js"
import { speaksToVenue } from "./speaks-to-venue.js"

/** The version of the contract between the kernel and a plugin: what the member `veloz` of a definition is a range of. */
export const PLUGIN_API = "1.0.0"

/** Objects to a definition that is wrong. What TypeScript would have said is said here to those who had no checker. */
export function checkDefinition(plugin: unknown, specifier: string, file: string): Plugin {
  const refuse = (fault: string): never => {
    throw pluginInvalidError(specifier, file, fault)
  }
  const { kind, definition } = (plugin ?? {}) as Partial<Plugin>
  if (kind !== "veloz-plugin" || !isObject(definition)) {
    return refuse("its default export does not come from definePlugin; write: export default definePlugin({ ... })")
  }
  for (const [member, value] of Object.entries(definition)) {
    if (!Object.hasOwn(MEMBERS, member)) refuse(`definePlugin knows no ${quoted(member)}; ${hint(member, NAMES)}`)
    const expected = value === undefined ? undefined : MEMBERS[member as Member](value)
    if (expected !== undefined) refuse(`${member} must be ${expected}, was ${shown(value)}`)
  }
  for (const member of REQUIRED) if (definition[member] === undefined) refuse(`it has no ${member}; ${WANTED[member]}`)
  if (speaksToVenue(definition) && definition.venues === undefined) {
    refuse(`it provides the venue, and does not say of which kinds; add what venue.kind is to be: ${VENUES_EXAMPLE}`)
  }
  if (!semver.satisfies(PLUGIN_API, definition.veloz)) {
    throw pluginApiError(definition.name, file, definition.veloz, PLUGIN_API)
  }
  return plugin as Plugin
}

/** A part that a plugin returned, or an error that names what is wrong with it. */
export function checkedPart(part: unknown): Part {
  if (part === undefined || part === null) return {}
  if (part instanceof Promise) {
    part.catch(() => undefined)
    throw new TypeError(
      "a part on a hot thread is made at once: make it without async, and leave what waits to control",
    )
  }
  if (typeof part !== "object") throw new TypeError(`a part returns nothing or ${PART}, not ${shown(part)}`)
  for (const [member, value] of Object.entries(part)) {
    if (!PART_MEMBERS.includes(member)) {
      throw new TypeError(`a part has retune and dispose, but no ${quoted(member)}; ${hint(member, PART_MEMBERS)}`)
    }
    if (value !== undefined && typeof value !== "function") {
      throw new TypeError(`${member} of a part is a function, not ${shown(value)}`)
    }
  }
  return part as Part
}

/** What a plugin claims, or an error that names what is wrong with it. */
export function checkedClaims(claims: unknown): Claims {
  if (claims === undefined || claims === null) return {}
  if (claims instanceof Promise) {
    claims.catch(() => undefined)
    throw new TypeError("claims are made at once: make the function without async")
  }
  if (typeof claims !== "object") throw new TypeError(`claims are ${CLAIM_NAMES.join(", ")}, not ${shown(claims)}`)
  for (const [member, value] of Object.entries(claims)) {
    if (!Object.hasOwn(CLAIMS, member)) {
      throw new TypeError(`claims have no ${quoted(member)}; ${hint(member, CLAIM_NAMES)}`)
    }
    const expected = value === undefined ? undefined : CLAIMS[member as keyof Claims](value)
    if (expected !== undefined) throw new TypeError(`${member} must be ${expected}, was ${shown(value)}`)
  }
  return claims as Claims
}

type Member = keyof PluginDefinition<object>

const ROLES = ["control", "network", "engine", "strategy"] as const
const PART = "{ retune, dispose }"
const PART_MEMBERS: readonly string[] = ["retune", "dispose"]
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

const VENUES_EXAMPLE = `venues: ["my-venue"]`

const REQUIRED = ["name", "version", "veloz"] as const
const WANTED = {
  name: `name it in lower-case words with dashes: name: "max-notional"`,
  version: `give it one: version: "1.0.0"`,
  veloz: `say for which plugin API it was written: veloz: "^${PLUGIN_API}"`,
}

/** What each member must be; undefined when it is. */
const MEMBERS: Readonly<Record<Member, (value: unknown) => string | undefined>> = {
  name: expect(`lower-case words with dashes, such as "max-notional"`, (value) => isText(value) && NAME.test(value)),
  version: expect(`a version, such as "1.0.0"`, (value) => isText(value) && semver.valid(value) !== null),
  veloz: expect(`a range of versions of the plugin API, such as "^${PLUGIN_API}"`, (value) => {
    return isText(value) && value.trim() !== "" && semver.validRange(value) !== null
  }),
  description: expect("a sentence", isText),
  primable: expect("true or false", (value) => typeof value === "boolean"),
  schema: expect(`a JSON Schema { type: "object", properties: { ... } }`, (value) => {
    return isObject(value) && value.type === "object" && isObject(value.properties)
  }),
  requires: names(),
  after: names(),
  before: names(),
  provides: names(),
  venues: expect(`a list of lower-case words with dashes, such as ${VENUES_EXAMPLE}`, (value) => {
    return Array.isArray(value) && value.length > 0 && value.every((kind) => isText(kind) && NAME.test(kind))
  }),
  check: aFunction(),
  claims: aFunction(),
  tuning: aFunction(),
  engine: aFunction(),
  strategy: aFunction(),
  network: aFunction(),
  control: aFunction(),
  commands: expect("a list of commands { name, summary, run }", (value) => {
    return Array.isArray(value) && value.every((item) => isObject(item) && isText(item.name) && isFunction(item.run))
  }),
}
const NAMES = Object.keys(MEMBERS)

/** What each claim must be; undefined when it is. */
const CLAIMS: Readonly<Record<keyof Claims, (value: unknown) => string | undefined>> = {
  http: expect(`an address { host: "127.0.0.1", port: 8080 }`, isAddress),
  ports: expect(`a list of addresses { host, port, option: "port" }`, (value) => {
    return Array.isArray(value) && value.every((item) => isAddress(item) && isText(item.option))
  }),
  pins: expect(`a list of cores { role: "engine", cores: [1] }, each for one of ${ROLES.join(", ")}`, (value) => {
    return Array.isArray(value) && value.every((item) => isObject(item) && isRole(item.role) && isCores(item.cores))
  }),
  housekeeping: expect("a list of one core or more", isCores),
  realtime: expect(`a wish { policy: "fifo", priority, helperPriority, limitMs, roles }`, (value) => {
    if (!isObject(value)) return false
    const { policy, priority, helperPriority, limitMs, roles } = value
    const numbers = [priority, helperPriority, limitMs]
    return (policy === "fifo" || policy === "rr") && numbers.every(Number.isInteger) && isRoles(roles)
  }),
  semiSpaceMb: expect("a number above 0", (value) => typeof value === "number" && value > 0),
}
const CLAIM_NAMES = Object.keys(CLAIMS)

function isAddress(value: unknown): value is Record<string, unknown> {
  return isObject(value) && isText(value.host) && Number.isInteger(value.port)
}

function isCores(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((cpu) => Number.isInteger(cpu) && cpu >= 0)
}

function isRole(value: unknown): boolean {
  return (ROLES as readonly unknown[]).includes(value)
}

function isRoles(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((role) => isRole(role) && role !== "control")
}

function expect(expected: string, isFine: (value: unknown) => boolean): (value: unknown) => string | undefined {
  return (value) => (isFine(value) ? undefined : expected)
}

function names(): (value: unknown) => string | undefined {
  return expect(`a list of names, such as ["order-processing"]`, (value) => Array.isArray(value) && value.every(isText))
}

function aFunction(): (value: unknown) => string | undefined {
  return expect("a function", isFunction)
}

function hint(member: string, known: readonly string[]): string {
  const near = nearest(member, known)
  return near === undefined ? `it knows ${known.join(", ")}` : `did you mean ${quoted(near)}?`
}

function isText(value: unknown): value is string {
  return typeof value === "string"
}

function isFunction(value: unknown): boolean {
  return typeof value === "function"
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null
}

function quoted(text: string): string {
  return JSON.stringify(text)
}

function shown(value: unknown): string {
  if (typeof value === "function") return "a function"
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
