// Every error of the running product is made here, one function an error: a code, the wish, the value, the place
// and the mend. docs/errors.md lists the codes; a test fails when one is missing there.

import type { ConfigError, Diagnostic } from "../config/diagnostic.js"
import { formatPath, parsePath } from "../config/path.js"
import type { Place } from "../config/place.js"
import type { VenueKinds } from "../config/venue-kinds.js"
import type { RealtimeWish } from "../threads/realtime-guards.js"
import type { PinWish } from "../threads/topology.js"
import type { LeaseWish } from "./contract.js"

export interface VelozErrorOptions {
  /** HTTP status, where a request caused it. */
  status?: number
  /** Code of the HTTP answer, such as "bad_params". */
  httpCode?: string
  /** What it is about: a field of the request, or an option by its path within the plugin's, `rules[1].name`. */
  field?: string
  /** Options that `field` clashes with, by their paths. */
  clashes?: readonly string[]
  /** All that is wrong with a configuration, where that is the reason. */
  diagnostics?: readonly Diagnostic[]
  cause?: unknown
}

export class VelozError extends Error {
  readonly code: string
  readonly status: number
  readonly httpCode: string
  readonly field: string | undefined
  readonly clashes: readonly string[]
  readonly diagnostics: readonly Diagnostic[] | undefined

  constructor(code: string, message: string, options: VelozErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "VelozError"
    this.code = code
    this.status = options.status ?? 500
    this.httpCode = options.httpCode ?? "internal"
    this.field = options.field
    this.clashes = options.clashes ?? []
    this.diagnostics = options.diagnostics
  }
}

// ---- HTTP: the port

/** `option` is the one that names the port, where that is not the HTTP server's. */
export function portTakenError(host: string, port: number, holder: string | undefined, option?: string): VelozError {
  return new VelozError(
    "VELOZ_PORT_TAKEN",
    `cannot listen on ${host}:${port}: ${holder === undefined ? "another process holds the port" : `${holder} holds the port`}; end it, or choose another port with ${option ?? "VELOZ_PORT or metrics-api.port"}`,
    { field: option ?? "port" },
  )
}

/** A part cannot listen where the one listens that it is to replace. */
export function portHandedOnError(host: string, port: number, option: string): VelozError {
  return new VelozError(
    "VELOZ_PORT_HANDED_ON",
    `cannot listen on ${host}:${port}: what this plugin runs there now goes on until the new one is there; give ${option} another number together with this change, or 0 for any, or restart the engine`,
    { status: 409, httpCode: "port_taken", field: option },
  )
}

export function portOverlapsError(host: string, port: number, held: string): VelozError {
  return new VelozError(
    "VELOZ_PORT_OVERLAPS",
    `cannot listen on ${host}:${port} while this engine listens on ${held}:${port}, which it closes only once the other is open: change metrics-api.port together with .host`,
    { status: 409, httpCode: "port_taken", field: "host" },
  )
}

/** `option` is the one that names the port, where that is not the HTTP server's. */
export function listenError(host: string, port: number, reason: string, option?: string): VelozError {
  const options = option ?? "VELOZ_HOST and VELOZ_PORT (or metrics-api.host and .port)"
  return new VelozError(
    "VELOZ_LISTEN",
    `cannot listen on ${host}:${port}: ${reason}; set ${options} to an address of this machine that this user may use`,
    { field: option ?? "host" },
  )
}

export function tokenMissingError(host: string): VelozError {
  return new VelozError(
    "VELOZ_TOKEN_MISSING",
    `cannot listen on ${host}: an address that other machines can reach opens the order API to them; set VELOZ_API_TOKEN to a secret that every request must carry, or listen on 127.0.0.1`,
    { field: "host" },
  )
}

export function routeTakenError(route: string, plugin: NamedPlugin, other: NamedPlugin): VelozError {
  return new VelozError(
    "VELOZ_ROUTE_TAKEN",
    `plugin ${describePlugin(plugin)} cannot serve ${route}: plugin ${describePlugin(other)} does; turn one of them off or give the route another path`,
    { field: pathOf(plugin), clashes: [pathOf(other)] },
  )
}

export function routeInvalidError(route: string, plugin: NamedPlugin, reason: string): VelozError {
  const field = pathOf(plugin)
  return new VelozError("VELOZ_ROUTE_INVALID", `plugin ${describePlugin(plugin)} cannot serve ${route}: ${reason}`, {
    field,
  })
}

// ---- HTTP: what a request got wrong

export function badParamsError(
  field: string | undefined,
  message: string,
  diagnostics?: readonly Diagnostic[],
): VelozError {
  const about = { ...(field !== undefined && { field }), ...(diagnostics && { diagnostics }) }
  return new VelozError("VELOZ_BAD_PARAMS", message, { status: 400, httpCode: "bad_params", ...about })
}

export function badJsonError(reason: string): VelozError {
  return new VelozError("VELOZ_BAD_JSON", `the body is no JSON: ${reason}`, { status: 400, httpCode: "bad_json" })
}

export function badRequestError(reason: string): VelozError {
  return new VelozError("VELOZ_BAD_REQUEST", `the request cannot be read: ${reason}`, {
    status: 400,
    httpCode: "bad_request",
  })
}

export function pathNotFoundError(path: string, near: readonly string[]): VelozError {
  const hint = near.length === 0 ? "GET / lists what there is" : `near it: ${near.join(", ")}`
  return new VelozError("VELOZ_NOT_FOUND", `there is no ${path}; ${hint}`, { status: 404, httpCode: "not_found" })
}

export function methodNotAllowedError(method: string, path: string, allowed: readonly string[]): VelozError {
  return new VelozError("VELOZ_METHOD_NOT_ALLOWED", `${path} does not take ${method}, it takes ${allowed.join(", ")}`, {
    status: 405,
    httpCode: "method_not_allowed",
  })
}

export function bodyTooLargeError(limitBytes: number): VelozError {
  return new VelozError("VELOZ_BODY_TOO_LARGE", `the body is larger than ${limitBytes} bytes`, {
    status: 413,
    httpCode: "too_large",
  })
}

export function mediaTypeError(mediaType: string | undefined): VelozError {
  return new VelozError(
    "VELOZ_MEDIA_TYPE",
    `the body must be JSON and say so with the header content-type: application/json, which was ${mediaType ?? "missing"}`,
    { status: 415, httpCode: "unsupported_media_type" },
  )
}

export function startingError(): VelozError {
  return new VelozError("VELOZ_STARTING", "the engine is starting; ask again in a moment", {
    status: 503,
    httpCode: "starting",
  })
}

export function unauthorizedError(): VelozError {
  return new VelozError(
    "VELOZ_UNAUTHORIZED",
    "this server wants the header authorization: Bearer, followed by the token that it was started with (VELOZ_API_TOKEN)",
    { status: 401, httpCode: "unauthorized" },
  )
}

export function foreignHostError(host: string | undefined): VelozError {
  return new VelozError(
    "VELOZ_FOREIGN_HOST",
    `the Host header names ${host ?? "nothing"}, which is not this server: ask for it by the address that it listens on, or by localhost`,
    { status: 403, httpCode: "forbidden" },
  )
}

export function foreignOriginError(origin: string): VelozError {
  return new VelozError(
    "VELOZ_FOREIGN_ORIGIN",
    `pages of ${origin} may not use this server: only pages that it served itself may`,
    { status: 403, httpCode: "forbidden" },
  )
}

export function unknownFigureError(field: string, name: string, known: readonly string[]): VelozError {
  return badParamsError(
    field,
    `${field}: no figure is called ${JSON.stringify(name)}; known are, nearest first, ${known.join(", ")}`,
  )
}

// ---- orders

export function decimalError(
  field: string,
  text: string,
  unit: string,
  fault: "malformed" | "off-step" | "too-large",
): VelozError {
  const size = `${field === "price" ? "tick" : "lot"} size ${unit}`
  const words = {
    malformed: "is no plain decimal number of 0 or more",
    "off-step": `is not a multiple of the ${size}`,
    "too-large": "is too large to be counted exactly",
  }[fault]
  return badParamsError(field, `${field} ${JSON.stringify(text)} ${words}`)
}

export function unknownSymbolError(name: string, known: readonly string[]): VelozError {
  return badParamsError("symbol", `this engine does not trade ${JSON.stringify(name)}, it trades ${known.join(", ")}`)
}

export function orderDeniedError(reason: { code: string; status: number; message: string }): VelozError {
  return new VelozError("VELOZ_ORDER_DENIED", reason.message, { status: reason.status, httpCode: reason.code })
}

export function orderRejectedError(reason: { code: string; message: string } | undefined): VelozError {
  const { code = "0", message = "no reason was given" } = reason ?? {}
  return new VelozError("VELOZ_ORDER_REJECTED", `the venue rejects it: ${message} (${code})`, {
    status: 422,
    httpCode: message.includes("insufficient balance") ? "insufficient_balance" : "venue_reject",
  })
}

export function orderUnknownError(reason: string): VelozError {
  return new VelozError("VELOZ_ORDER_UNKNOWN", `the outcome is not known yet: ${reason}`, {
    status: 504,
    httpCode: "unknown",
  })
}

export function orderNotFoundError(clientOrderId: string, finishedAs: string | undefined): VelozError {
  const state = finishedAs === undefined ? "is not known here" : `is ${finishedAs} already`
  return new VelozError(
    "VELOZ_ORDER_NOT_FOUND",
    `no open order has this id: ${JSON.stringify(clientOrderId)} ${state}`,
    {
      status: 404,
      httpCode: "not_found",
      field: "client_order_id",
    },
  )
}

// ---- plugins

export function pluginNotFoundError(specifier: string, places: readonly string[]): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_NOT_FOUND",
    `there is no plugin ${JSON.stringify(specifier)}: looked for ${places.join(", then ")}; install it, or mend the name`,
  )
}

export function pluginInvalidError(specifier: string, file: string, fault: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_INVALID",
    `${file} is no plugin that can be used as ${JSON.stringify(specifier)}: ${fault}`,
  )
}

export function pluginUnbuiltError(specifier: string, entry: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_UNBUILT",
    `the package ${JSON.stringify(specifier)} is installed, and its entry ${entry} is not there: build it (npm run build, in its folder), or name its source under plugins`,
  )
}

export function pluginNotExportedError(plugin: string, file: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_INVALID",
    `${file} defines the plugin ${JSON.stringify(plugin)} that "use" is given, and does not export it, so that no other thread finds it: write export const ... = definePlugin({ ... })`,
  )
}

export function pluginWithoutFileError(plugin: string, config: string | undefined): VelozError {
  const why =
    config === undefined
      ? "which comes from a package without the keyword veloz-plugin: give its package.json that keyword, or name the package under plugins"
      : `which is defined in the configuration ${config}, and that runs on control alone: move it into a file of its own that exports it`
  return new VelozError(
    "VELOZ_PLUGIN_INVALID",
    `no other thread can load the plugin ${JSON.stringify(plugin)} of "use", ${why}`,
  )
}

export function pluginNameError(name: string, fault: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_NAME",
    `cannot make a plugin ${JSON.stringify(name)}: ${fault}; choose another name, such as "max-notional" or "@desk/max-notional"`,
  )
}

export function pluginFolderTakenError(folder: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_FOLDER",
    `there is something in ${folder} already, and nothing was written: choose another name, or move that away`,
  )
}

export function pluginApiError(plugin: string, file: string, range: string, version: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_API",
    `plugin ${JSON.stringify(plugin)} (${file}) is written for the plugin API ${range}, and this engine has ${version}: install a version of the plugin, or of veloz, that fits the other`,
  )
}

export function pluginTwiceError(name: string, one: NamedPlugin, other: NamedPlugin): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_TWICE",
    `two plugins are called ${JSON.stringify(name)}: ${describePlugin(one)} and ${describePlugin(other)}; take one out of the configuration, or give one another name`,
    { clashes: [pathOf(one)] },
  )
}

export function pluginMissingError(plugin: NamedPlugin, required: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_REQUIRED",
    `plugin ${describePlugin(plugin)} requires ${JSON.stringify(required)}, which is off: switch it on, or ${plugin.name} off`,
  )
}

/** The same where nothing of that name is known. */
export function pluginAbsentError(plugin: NamedPlugin, required: string, near: string | undefined): VelozError {
  const name = JSON.stringify(required)
  const mend = `install it, and name its package or its file under plugins, or switch ${plugin.name} off`
  return new VelozError(
    "VELOZ_PLUGIN_REQUIRED",
    `plugin ${describePlugin(plugin)} requires ${name}, and there is no such plugin here: ${near === undefined ? mend : `did you mean ${JSON.stringify(near)}? If not, ${mend}`}`,
  )
}

export function pluginElsewhereError(plugin: NamedPlugin, required: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_REQUIRED",
    `plugin ${describePlugin(plugin)} requires ${JSON.stringify(required)}, which is left out, as it is for venues of other kinds than venue.kind: switch ${plugin.name} off, or change the venue`,
    { clashes: ["venue.kind"] },
  )
}

export function pluginMisnamedError(plugin: NamedPlugin, member: string, name: string, near: string): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_MISNAMED",
    `plugin ${describePlugin(plugin)} starts ${member} ${JSON.stringify(name)}, and there is no such plugin: did you mean ${JSON.stringify(near)}?`,
  )
}

export function pluginCycleError(cycle: readonly NamedPlugin[]): VelozError {
  const files = [...new Set(cycle)].map(describePlugin).join(", ")
  return new VelozError(
    "VELOZ_PLUGIN_CYCLE",
    `plugins wait for each other: ${cycle.map(({ name }) => name).join(" -> ")}; take one "after", "before" or "requires" out of ${files}`,
  )
}

/** A plugin as errors name it: with its file, where that is known. */
export interface NamedPlugin {
  readonly name: string
  readonly file?: string
}

const pathOf = ({ name }: NamedPlugin): string => formatPath(["plugins", name])

export const describePlugin = ({ name, file }: NamedPlugin): string =>
  file === undefined ? JSON.stringify(name) : `${JSON.stringify(name)} (${file})`

export function pluginThrewError(plugin: string, where: string, cause: unknown, place?: Place): VelozError {
  const message = cause instanceof Error ? cause.message : String(cause)
  const words = place === undefined ? message : `${message} (${place.file}:${place.line}:${place.column})`
  const own = cause instanceof VelozError ? (parsePath(cause.field ?? "") ?? []) : []
  const field = formatPath(own[0] === "plugins" ? own : ["plugins", plugin, ...own])
  const options = cause instanceof VelozError ? { ...cause, cause, field } : { cause, field }
  return new VelozError("VELOZ_PLUGIN_THREW", `plugin ${JSON.stringify(plugin)} failed in ${where}: ${words}`, options)
}

export function pluginSlowError(plugin: NamedPlugin, where: string, deadlineMs: number): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_SLOW",
    `plugin ${describePlugin(plugin)} has not finished ${where} after ${deadlineMs} ms, so that nothing changes: what it awaits there must come, or be given up in time`,
  )
}

export function pluginHoldsError(plugin: NamedPlugin, where: string, count: number): VelozError {
  const parts = count === 1 ? "a part" : `${count} parts`
  return new VelozError(
    "VELOZ_PLUGIN_HOLDS",
    `plugin ${describePlugin(plugin)} still holds ${parts} of generations that are over (${where}): a timer, a listener or a global of its own keeps what it was given, and its dispose is to end that`,
  )
}

export function trialFailedError(what: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_TRIAL_FAILED",
    `${what} was tried on a thread of its own, before the engine runs it: ${reason}`,
  )
}

export function pluginLingersError(plugin: NamedPlugin, deadlineMs: number): VelozError {
  return new VelozError(
    "VELOZ_PLUGIN_LINGERS",
    `plugin ${describePlugin(plugin)} has left, and its dispose has not ended after ${deadlineMs} ms: it is left behind, with whatever it holds; what its dispose awaits must come`,
  )
}

export function serviceMissingError(plugin: NamedPlugin, service: string): VelozError {
  return new VelozError(
    "VELOZ_SERVICE_MISSING",
    `plugin ${describePlugin(plugin)} uses the service ${JSON.stringify(service)}, which no plugin before it provides: switch the provider on, and name it in "requires" or "after" of definePlugin({ ... })`,
  )
}

export function serviceUndeclaredError(plugin: NamedPlugin, service: string): VelozError {
  return new VelozError(
    "VELOZ_SERVICE_UNDECLARED",
    `plugin ${describePlugin(plugin)} provides the service ${JSON.stringify(service)}, which its definition does not name: add provides: [${JSON.stringify(service)}] to definePlugin({ ... })`,
  )
}

export function serviceTakenError(plugin: NamedPlugin, service: string, provider: NamedPlugin): VelozError {
  return new VelozError(
    "VELOZ_SERVICE_TAKEN",
    `plugins ${describePlugin(provider)} and ${describePlugin(plugin)} both provide the service ${JSON.stringify(service)}: switch one off`,
    { clashes: [pathOf(provider)] },
  )
}

export function stageTakenError(stage: string, plugin: string, other: string): VelozError {
  return new VelozError(
    "VELOZ_STAGE_TAKEN",
    `plugins ${JSON.stringify(other)} and ${JSON.stringify(plugin)} both add the stage ${JSON.stringify(stage)}, and a path has it once: switch one off, or the option for which it adds that`,
    { field: pathOf({ name: plugin }), clashes: [pathOf({ name: other })] },
  )
}

export function eventNameError(plugin: NamedPlugin, topic: string, type: string): VelozError {
  return new VelozError(
    "VELOZ_EVENT_NAME",
    `plugin ${describePlugin(plugin)} cannot publish ${JSON.stringify(type)} under ${JSON.stringify(topic)}: both names must be lower-case words of letters, digits, "_" and "-"`,
  )
}

// ---- engine

/** `off` are plugins that speak to such venues, `clashes` where they were switched off. */
export function venueMissingError(kind: string, off: readonly string[], clashes: readonly string[]): VelozError {
  const names = off.map((name) => JSON.stringify(name))
  const mend = names.length === 1 ? `the plugin ${names[0]}, which is off` : `one of the plugins ${names.join(", ")}`
  return new VelozError(
    "VELOZ_VENUE_MISSING",
    `no plugin speaks to the venue ${JSON.stringify(kind)}: switch on ${mend}`,
    {
      field: "venue.kind",
      clashes,
    },
  )
}

export function venueUnknownError(
  kind: string,
  kinds: VenueKinds,
  isOn: (plugin: string) => boolean,
  near: string | undefined,
): VelozError {
  const known = [...kinds].map(([name, plugins]) => {
    const from = plugins.map((plugin) => (isOn(plugin) ? plugin : `${plugin}, which is off`))
    return `${JSON.stringify(name)} (${from.join("; ")})`
  })
  const mend =
    near === undefined ? "a plugin that names it in its venues would bring it" : `did you mean ${JSON.stringify(near)}?`
  return new VelozError(
    "VELOZ_VENUE_UNKNOWN",
    `no plugin speaks to a venue ${JSON.stringify(kind)}; venue.kind may be ${known.join(", ") || "nothing here"}: ${mend}`,
    { field: "venue.kind" },
  )
}

export function venueTwiceError(kind: string, one: NamedPlugin, others: readonly NamedPlugin[]): VelozError {
  const plugins = [...others, one].map(describePlugin)
  return new VelozError(
    "VELOZ_VENUE_TWICE",
    `${plugins.join(" and ")} speak to the venue ${JSON.stringify(kind)}, and one alone may: switch off ${plugins.length === 2 ? "the other" : "the others"}`,
    { field: pathOf(one), clashes: [...others.map(pathOf), "venue.kind"] },
  )
}

/** A plugin that speaks to the venue has not told the instruments. */
export function venueNotProvidedError(plugin: NamedPlugin): VelozError {
  return new VelozError(
    "VELOZ_VENUE_NOT_PROVIDED",
    `plugin ${describePlugin(plugin)} is to provide the service "venue", and its control part has not: call provide("venue", { symbols }) before it ends`,
  )
}

export function pinsDifferError(one: PinWish, other: PinWish): VelozError {
  const options = [other.option ?? one.option ?? "topology", one.option ?? "topology", "topology"]
  const lists = `the ${one.role} is to run on CPU ${one.cores.join(", ")} and the ${other.role} on CPU ${other.cores.join(", ")}`
  return new VelozError(
    "VELOZ_PINS_DIFFER",
    `${lists}, but in the topology "fused" both are one thread: give them the same cores, or set topology "split"`,
    { status: 409, httpCode: "restart_needed", field: options[0], clashes: [...new Set(options.slice(1))] },
  )
}

export function spinRefusedError(agents: number, usable: number): VelozError {
  return new VelozError(
    "VELOZ_SPIN_REFUSED",
    `idle_strategy cannot be "spin": ${agents} thread(s) that never sleep need ${agents + 2} usable CPUs, and there are ${usable}; use "backoff", "park" or "auto"`,
    { field: "idle_strategy" },
  )
}

export function leaseHeldError({ holder, paths }: LeaseWish): VelozError {
  return new VelozError(
    "VELOZ_LEASE_HELD",
    `${holder} tries ${paths.join(", ")} and has the lease: wait until it is done; without it, the lease ends by itself`,
    { status: 409, httpCode: "not_available" },
  )
}

export function cutLateError(tries: number, unreached: readonly string[]): VelozError {
  const who = unreached.length === 0 ? "threads that answered each other" : unreached.join(" and ")
  return new VelozError(
    "VELOZ_CUT_LATE",
    `the change was given up after ${tries} attempts: ${who} had no time for it, as with a plugin that computes for long; nothing changed: save again, or restart without that plugin`,
    { status: 503, httpCode: "overloaded" },
  )
}

export function stateStuckError(stuck: readonly { owner: string; key: string }[]): VelozError {
  const names = stuck.map(({ owner, key }) => {
    const at = owner.lastIndexOf("/")
    return `${JSON.stringify(key)} of the ${owner.slice(at + 1)} part of plugin ${JSON.stringify(owner.slice(0, at))}`
  })
  return new VelozError(
    "VELOZ_STATE_STUCK",
    `this change needs other threads, and what is kept there as ${names.join(", ")} cannot go along: a plugin keeps plain data, or says how its state moves (the fourth argument of keep), and says so in code that runs before this change; a restart of the engine does without`,
    { status: 409, httpCode: "restart_needed" },
  )
}

export function successorNotReadyError(books: readonly string[], mayTrade: boolean, readyMs: number): VelozError {
  const missing = [...(mayTrade ? [] : ["leave to send orders"]), ...books.map((symbol) => `the book of ${symbol}`)]
  return new VelozError(
    "VELOZ_SUCCESSOR_NOT_READY",
    `the new threads did not get ${missing.join(", ")} from the venue within ${readyMs} ms: is it reachable, and are the credentials there and right? Nothing changed`,
    { status: 503, httpCode: "venue_away" },
  )
}

export function handoverLateError(answersMs: number): VelozError {
  return new VelozError(
    "VELOZ_HANDOVER_LATE",
    `the venue has not answered everything that is on its way within ${answersMs} ms, and orders go to other threads only when it is known what became of them; nothing changed: save again, as it is`,
    { status: 503, httpCode: "overloaded" },
  )
}

export function symbolInUseError(symbol: string, openOrders: number, position: string): VelozError {
  const uses = [
    ...(openOrders > 0 ? [openOrders === 1 ? "an open order" : `${openOrders} open orders`] : []),
    ...(Number(position) !== 0 ? [`a position of ${position}`] : []),
  ]
  return new VelozError(
    "VELOZ_SYMBOL_IN_USE",
    `${symbol} cannot go while it has ${uses.join(" and ")}: cancel and close them first`,
    { status: 409, httpCode: "in_use", field: "symbols" },
  )
}

export function venueInUseError(openOrders: number | undefined): VelozError {
  const what = openOrders === undefined ? "it is not known which orders are" : ordersAre(openOrders)
  return new VelozError(
    "VELOZ_VENUE_IN_USE",
    `${what} open at the venue that is to be left: cancel them first, or let order-processing.cancel_on_stop do it`,
    { status: 409, httpCode: "in_use", field: "venue" },
  )
}

export const ordersAre = (count: number): string => (count === 1 ? "an order is" : `${count} orders are`)

export function configGoneError(file: string): VelozError {
  return new VelozError("VELOZ_CONFIG_GONE", `${file} is gone: put it back, or stop the engine to start without one`)
}

/** `clashes` are other options that need a restart as well. */
export function restartNeededError(reason: string, field: string, clashes: readonly string[]): VelozError {
  return new VelozError("VELOZ_RESTART_NEEDED", reason, { status: 409, httpCode: "restart_needed", field, clashes })
}

export function optionUnknownError(path: string, near: string | undefined): VelozError {
  const hint = near === undefined ? "GET /api/config/explain and veloz explain list them all" : `did you mean ${near}?`
  const message = `there is no option ${JSON.stringify(path)}; ${hint}`
  return new VelozError("VELOZ_OPTION_UNKNOWN", message, { status: 404, httpCode: "not_found", field: "path" })
}

/** What a request is answered whose change makes the configuration a bad one: that its own values are, if not said. */
export function configRefusedError(error: ConfigError, otherwise?: { status: number; error: string }): VelozError {
  const { diagnostics } = error
  const [{ code, path, answer }] = diagnostics
  const badParams = { status: 400, error: "bad_params", field: path.split(".").at(-1) }
  const { status, error: httpCode, field } = answer ?? { field: undefined, ...(otherwise ?? badParams) }
  const message = diagnostics.map((diagnostic) => diagnostic.message).join("; ")
  return new VelozError(code, message, { status, httpCode, diagnostics, cause: error, ...(field && { field }) })
}

/** Of nobody's, or of code that no plugin in force has. */
export function notCaughtError(file: string | undefined, error: unknown): VelozError {
  const reason = error instanceof Error ? error.message : String(error)
  const who = file === undefined ? "code that the stack does not tell of" : file
  return new VelozError(
    "VELOZ_NOT_CAUGHT",
    `${who} threw where nobody catches it, in a timer or in a promise that nobody awaits: ${reason}; the engine goes on`,
    { cause: error },
  )
}

export function ownBugError(error: unknown): VelozError {
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return new VelozError("VELOZ_BUG", `something threw where nobody catches it: ${reason}`, { cause: error })
}

export function threadDiedError(thread: string, reason: string): VelozError {
  return new VelozError("VELOZ_THREAD_DIED", `the thread ${thread} ended: ${reason}`)
}

export function engineSilentError(deadlineMs: number): VelozError {
  return new VelozError(
    "VELOZ_ENGINE_SILENT",
    `the engine has not answered within ${deadlineMs} ms: its thread is overloaded, or a plugin blocks it; GET /api/metrics/threads and /api/plugins say more`,
    { status: 504, httpCode: "engine_silent" },
  )
}

/** `plugin` is the one whose code the thread has begun to run meanwhile. */
export function threadSilentError(thread: string, request: string, deadlineMs: number, plugin?: string): VelozError {
  const silence = `the thread ${thread} has not answered ${request} within ${deadlineMs} ms`
  const where = `, and was last at plugin ${JSON.stringify(plugin)}: is there a loop without an end? If the thread traded, mend the plugin and restart the engine`
  return new VelozError("VELOZ_THREAD_SILENT", plugin === undefined ? silence : `${silence}${where}`)
}

/** `option` is the one of the plugin that names the cores. */
export function pinRefusedError(role: string, cores: readonly number[], reason: string, option?: string): VelozError {
  return new VelozError("VELOZ_PIN_REFUSED", `cannot bind the ${role} thread to CPU ${cores.join(", ")}: ${reason}`, {
    status: 422,
    httpCode: "pin_refused",
    ...(option !== undefined && { field: option }),
  })
}

export function realtimeUnguardedError({ policy, option }: RealtimeWish, missing: readonly string[]): VelozError {
  return new VelozError(
    "VELOZ_REALTIME_UNGUARDED",
    `hot threads cannot have the policy "${policy}" without a guard against one that runs away; what is missing:\n${missing.map((guard) => `  ${guard}`).join("\n")}`,
    { status: 422, httpCode: "realtime_unguarded", ...(option !== undefined && { field: option }) },
  )
}

export function realtimeRefusedError({ policy, option }: RealtimeWish, reason: string): VelozError {
  return new VelozError("VELOZ_REALTIME_REFUSED", `hot threads cannot have the policy "${policy}": ${reason}`, {
    status: 422,
    httpCode: "realtime_refused",
    ...(option !== undefined && { field: option }),
  })
}

// ---- recordings

export function recordingUnreadableError(file: string, lines: number, reason: string): VelozError {
  const where = lines === 0 ? file : `${file} beyond line ${lines}`
  return new VelozError(
    "VELOZ_RECORDING_UNREADABLE",
    `cannot read the recording ${where}: ${reason}${/unexpected end/.test(reason) ? "; it was cut off, or is still being written" : ""}`,
  )
}

export function recordingEmptyError(file: string): VelozError {
  return new VelozError(
    "VELOZ_RECORDING_EMPTY",
    `the recording ${file} is empty: it should have a line a message, as in 1723161253937085768 {"stream": ...}`,
  )
}

export function recordingUselessError(file: string, symbol: string, messages: number, badLines: number): VelozError {
  return new VelozError(
    "VELOZ_RECORDING_USELESS",
    `nothing in the recording ${file} could be applied to ${symbol}: ${messages} messages, ${badLines} bad lines; look at --symbol, --tick and --lot, and at the file`,
  )
}

export function recordingSymbolError(file: string): VelozError {
  return new VelozError(
    "VELOZ_RECORDING_SYMBOL",
    `cannot tell which symbol ${file} is about: its beginning names none; name it with --symbol`,
  )
}

export function stepSizeError(option: string, text: string): VelozError {
  return new VelozError(
    "VELOZ_STEP_SIZE",
    `cannot use ${JSON.stringify(text)} for ${option}: it must be a positive decimal such as 0.01`,
  )
}

// ---- readings

export function engineAwayError(url: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_ENGINE_AWAY",
    `no engine answers at ${url}: ${reason}; start one with "veloz start", or name its address with --url`,
  )
}

export function engineRefusesError(url: string, status: number, reason: string): VelozError {
  return new VelozError("VELOZ_ENGINE_REFUSES", `${url} answers ${status}: ${reason}`)
}

export function engineForeignError(url: string): VelozError {
  return new VelozError(
    "VELOZ_ENGINE_FOREIGN",
    `what answers at ${url} is no engine of this version of VeloZ: name the address of one with --url`,
  )
}

export function readingRestartedError(url: string): VelozError {
  return new VelozError(
    "VELOZ_READING_RESTARTED",
    `the engine at ${url} was started anew during the reading, and what it had counted is gone: measure again`,
  )
}

export function readingEmptyError(url: string, seconds: number): VelozError {
  return new VelozError(
    "VELOZ_READING_EMPTY",
    `the engine at ${url} has measured neither an order nor a market update in ${seconds} s: see that its venue is connected, and that something trades`,
  )
}

export function readingStoppedError(): VelozError {
  return new VelozError("VELOZ_READING_STOPPED", "stopped before the reading was finished: nothing was saved")
}

export function fileUnwritableError(file: string, reason: string): VelozError {
  return new VelozError("VELOZ_FILE_UNWRITABLE", `cannot write ${file}: ${reason}`)
}

export function readingUnreadableError(file: string, reason: string): VelozError {
  return new VelozError("VELOZ_READING_UNREADABLE", `cannot read the reading ${file}: ${reason}`)
}

export function readingInvalidError(file: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_READING_INVALID",
    `${file} is no reading that "veloz measure --save" of this version has written: ${reason}`,
  )
}

// ---- a new project

export function initFormatError(existing: string, format: string): VelozError {
  return new VelozError(
    "VELOZ_INIT_FORMAT",
    `cannot write veloz.config.${format}: ${existing} is the configuration of this project, and a second one would not be read; remove it, or leave --format away to keep it`,
  )
}

export function initUnwritableError(file: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_INIT_UNWRITABLE",
    `cannot write ${file}: ${reason}; choose a folder that this user may write`,
  )
}
