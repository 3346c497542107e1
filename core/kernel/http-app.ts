import type { IncomingMessage, ServerResponse } from "node:http"
import type { Readable } from "node:stream"
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import { type Diagnostic, toJson } from "../config/diagnostic.js"
import { editDistance } from "../config/nearest.js"
import type { HttpRequest, Log, Route } from "./contract.js"
import {
  badJsonError,
  badRequestError,
  bodyTooLargeError,
  mediaTypeError,
  methodNotAllowedError,
  type NamedPlugin,
  pathNotFoundError,
  routeInvalidError,
  routeTakenError,
  VelozError,
} from "./errors.js"
import { parseBody } from "./http-json.js"
import { closed, type RequestValidators } from "./http-schema.js"
import type { HttpStreams } from "./http-streams.js"

/** A route and the plugin that asked for it. */
export interface OwnedRoute {
  readonly plugin: string
  /** That of the plugin, for errors. */
  readonly file?: string
  readonly route: Route
  /** Its handler threw what is not meant for the reader, or answered what cannot be sent. */
  readonly onFault?: (error: unknown) => void
}

/** The routes of one generation, ready to answer. */
export interface HttpApp {
  handle(request: IncomingMessage, response: ServerResponse): void
  /** The answer to a request that comes over no connection. */
  ask(method: Route["method"], url: string, body?: object): Promise<{ status: number; body: unknown }>
  close(): Promise<void>
}

/** A request knows when it was received, from before its body was read. */
export const RECEIVED_NS = Symbol("receivedNs")

export interface StampedRequest extends IncomingMessage {
  [RECEIVED_NS]?: number
}

/** The answer to a request that went wrong. */
export interface ErrorAnswer {
  ok: false
  error: string
  message: string
  field?: string
  /** All that is wrong with a change of the configuration, each with its place. */
  diagnostics?: readonly Diagnostic[]
}

export async function createHttpApp(
  routes: readonly OwnedRoute[],
  validators: RequestValidators,
  streams: HttpStreams,
  log: Log,
): Promise<HttpApp> {
  refuseDuplicates(routes)
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, _request, reply) => void sendError(reply as FastifyReply, error, log),
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) => {
    try {
      done(null, text === "" && needsNoBody(request) ? null : parseBody(text as string))
    } catch (error) {
      done(error as Error)
    }
  })
  app.setValidatorCompiler(({ schema, httpPart }) => validators.compile(schema as object, httpPart ?? "body"))
  app.setErrorHandler((error, _request, reply) => sendError(reply, error, log))
  app.setNotFoundHandler((request, reply) => sendError(reply, noSuchRoute(request, reply, routes), log))
  for (const owned of routes) addRoute(app, owned, validators, streams)
  await app.ready()
  return {
    handle: (request, response) => app.routing(request, response),
    ask: async (method, url, body) => {
      const answer = await app.inject({ method, url, ...(body && { payload: body }) })
      const { statusCode: status, payload, headers } = answer
      const isJson = String(headers["content-type"]).startsWith("application/json")
      return { status, body: payload === "" ? undefined : isJson ? JSON.parse(payload) : payload }
    },
    close: () => app.close(),
  }
}

/** What a request is answered with when it fails: the error's own words, unless the fault is ours. */
export function errorAnswer(error: unknown): { status: number; answer: ErrorAnswer } {
  const known = error instanceof VelozError ? error : frameworkError(error)
  if (known === undefined || known.httpCode === "internal") {
    const message = "VeloZ failed to answer this; its log says more"
    return { status: 500, answer: { ok: false, error: "internal", message } }
  }
  const { status, httpCode, message, field, diagnostics } = known
  const more = { ...(field !== undefined && { field }), ...(diagnostics && { diagnostics: diagnostics.map(toJson) }) }
  return { status, answer: { ok: false, error: httpCode, message, ...more } }
}

/** Far above any body of ours, a whole configuration included. */
const BODY_LIMIT_BYTES = 1024 * 1024

function refuseDuplicates(routes: readonly OwnedRoute[]): void {
  const owners = new Map<string, NamedPlugin>()
  for (const { plugin, file, route } of routes) {
    const name = `${route.method} ${route.url}`
    const other = owners.get(name)
    const owner = { name: plugin, file }
    if (other !== undefined) throw routeTakenError(name, owner, other)
    owners.set(name, owner)
  }
}

function addRoute(
  app: FastifyInstance,
  { plugin, file, route, onFault }: OwnedRoute,
  validators: RequestValidators,
  streams: HttpStreams,
): void {
  const { method, url, handler, stream, text } = route
  const schema = {
    querystring: closed(route.query),
    ...(method === "GET" ? {} : { body: route.body === undefined ? NO_BODY : closed(route.body) }),
    ...(route.response === undefined ? {} : { response: { 200: route.response } }),
  }
  try {
    if (!url.startsWith("/")) throw new TypeError(`its url begins with "/", as in "/api/${url}"`)
    // Compiled by fastify, it would be wrong without a name.
    validators.compile(schema.querystring, "querystring")
    if (schema.body !== undefined) validators.compile(schema.body, "body")
    app.route({
      method,
      url,
      schema,
      config: { onFault },
      handler: async (request, reply) => {
        // Who asks for the head alone would never read the rest.
        if (stream !== undefined && request.method === "HEAD") return reply.type(stream).send()
        const answer = await handler(new RouteRequest(request))
        if (text !== undefined) return reply.type(text).send(answer)
        if (stream === undefined) return answer ?? DONE
        streams.send(answer as Readable, stream, reply.hijack().raw)
      },
    })
  } catch (error) {
    throw routeInvalidError(
      `${method} ${url}`,
      { name: plugin, file },
      error instanceof Error ? error.message : String(error),
    )
  }
}

/** A route without a body takes an empty one, and tools that cannot leave it out may send {}. */
const NO_BODY = { type: ["object", "null"], additionalProperties: false }
const DONE = { ok: true }

function needsNoBody({ routeOptions }: FastifyRequest): boolean {
  const body = routeOptions.schema?.body as { type?: unknown } | undefined
  return Array.isArray(body?.type) && body.type.includes("null")
}

class RouteRequest implements HttpRequest {
  constructor(private readonly request: FastifyRequest) {}

  get body(): Record<string, unknown> {
    return (this.request.body ?? {}) as Record<string, unknown>
  }

  get query(): Record<string, unknown> {
    return this.request.query as Record<string, unknown>
  }

  get params(): Record<string, string> {
    return this.request.params as Record<string, string>
  }

  get headers(): HttpRequest["headers"] {
    return this.request.headers
  }

  get receivedNs(): number {
    return (this.request.raw as StampedRequest)[RECEIVED_NS] ?? 0
  }
}

function sendError(reply: FastifyReply, error: unknown, log: Log): FastifyReply {
  const { status, answer } = errorAnswer(
    isMediaType(error) ? mediaTypeError(reply.request.headers["content-type"]) : error,
  )
  if (status >= 500 && answer.error === "internal") {
    const { method, url, routeOptions } = reply.request
    const { onFault } = routeOptions.config as Pick<OwnedRoute, "onFault">
    if (onFault !== undefined) onFault(error)
    else
      log.error(`${method} ${url} failed`, {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
  }
  return reply.code(status).type("application/json; charset=utf-8").serializer(JSON.stringify).send(answer)
}

function isMediaType(error: unknown): boolean {
  return (error as { code?: string }).code === "FST_ERR_CTP_INVALID_MEDIA_TYPE"
}

/** Fastify's own words for a request that it refused before any handler saw it. */
function frameworkError(error: unknown): VelozError | undefined {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string }
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return bodyTooLargeError(BODY_LIMIT_BYTES)
  if (code === "FST_ERR_CTP_EMPTY_JSON_BODY") return badJsonError("it is empty")
  const isRefused = code?.startsWith("FST_") === true && statusCode !== undefined && statusCode < 500
  return isRefused ? badRequestError(message ?? code) : undefined
}

function noSuchRoute(request: FastifyRequest, reply: FastifyReply, routes: readonly OwnedRoute[]): VelozError {
  const path = request.url.replace(/\?.*$/s, "")
  const allowed = routes.filter(({ route }) => covers(route.url, path)).map(({ route }) => route.method)
  if (allowed.length > 0) {
    void reply.header("allow", allowed.join(", "))
    return methodNotAllowedError(request.method, path, allowed)
  }
  return pathNotFoundError(path.slice(0, 120), nearPaths(path, routes))
}

function covers(pattern: string, path: string): boolean {
  const wanted = pattern.split("/")
  const found = path.replace(/(?<=.)\/$/, "").split("/")
  return wanted.length === found.length && wanted.every((part, index) => part.startsWith(":") || part === found[index])
}

function nearPaths(path: string, routes: readonly OwnedRoute[]): string[] {
  if (path.length > MOST_COMPARED) return []
  const urls = [...new Set(routes.map(({ route }) => route.url))]
  return urls
    .map((url) => ({ url, distance: editDistance(path, url) }))
    .filter(({ url, distance }) => distance <= Math.max(3, url.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ url }) => url)
}

const MOST_COMPARED = 200
