import { once } from "node:events"
import { connect } from "node:net"
import { Readable } from "node:stream"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Route } from "../../../core/kernel/contract.js"
import { VelozError } from "../../../core/kernel/errors.js"
import { HttpProbe } from "../../support/http-probe.js"
import { until } from "../../support/until.js"

const echo: Route = {
  method: "POST",
  url: "/api/echo",
  body: {
    required: ["side"],
    properties: {
      side: { type: "string", enum: ["BUY", "SELL"] },
      qty: { type: ["string", "number"] },
      deep: {
        type: "object",
        additionalProperties: false,
        properties: { levels: { type: "array", items: { type: "integer" } } },
      },
    },
  },
  handler: ({ body }) => ({ body }),
}

const book: Route = {
  method: "GET",
  url: "/api/book",
  summary: "A book",
  query: { properties: { depth: { type: "integer", minimum: 1 }, symbol: { type: "string" } } },
  handler: ({ query }) => ({ query }),
}

function answering(value: unknown, url = "/api/answer"): Route {
  return { method: "GET", url, handler: () => value }
}

function failing(error: unknown): Route {
  return {
    method: "GET",
    url: "/api/fail",
    handler: () => {
      throw error
    },
  }
}

/** Each test has servers of its own, closed when it ends. */
const open: HttpProbe[] = []
async function serving(routes: readonly Route[], token?: string): Promise<HttpProbe> {
  const probe = await HttpProbe.serving(routes, token)
  open.push(probe)
  return probe
}

test.after.each(async () => {
  for (const probe of open.splice(0)) await probe.close()
})

test("a body arrives as its schema says, and the answer is what the handler returned", async () => {
  const http = await serving([echo])
  const { status, body } = await http.post("/api/echo", { side: "BUY", qty: "0.1" })
  assert.is(status, 200)
  assert.equal(body, { body: { side: "BUY", qty: "0.1" } })
})

test("a number that a double would round arrives as its text, and every other one as a number", async () => {
  const http = await serving([echo])
  const qtyOf = async (text: string) => (await http.post("/api/echo", `{"side":"BUY","qty":${text}}`)).body.body.qty
  assert.is(await qtyOf("0.1"), 0.1)
  assert.is(await qtyOf("61837.63"), 61837.63)
  assert.is(await qtyOf("1.10"), 1.1)
  assert.is(await qtyOf("0.10000000000000000001"), "0.10000000000000000001")
  assert.is(await qtyOf("9007199254740993"), "9007199254740993")
  assert.is(await qtyOf("1e400"), "1e400")
})

test("what does not fit is a bad_params that names the field", async () => {
  const http = await serving([echo, book])
  const fieldOf = async (body: object) => {
    const answer = await http.post("/api/echo", body)
    assert.is(answer.status, 400)
    assert.is(answer.body.ok, false)
    assert.is(answer.body.error, "bad_params")
    return answer.body.field
  }
  assert.is(await fieldOf({ side: "BUYY" }), "side")
  assert.is(await fieldOf({}), "side")
  assert.is(await fieldOf({ side: "BUY", qty: true }), "qty")
  assert.is(await fieldOf({ side: "BUY", deep: { levels: [1, "x"] } }), "deep.levels.1")
  assert.is(await fieldOf({ side: "BUY", deep: { level: [] } }), "deep.level")
})

test("an unknown member is refused with the nearest that is known, even where the known one is missing", async () => {
  const http = await serving([echo, book])
  const { body } = await http.post("/api/echo", { sidee: "BUY" })
  assert.is(body.field, "sidee")
  assert.match(body.message, 'did you mean "side"?')
  const query = await http.get("/api/book?dept=5")
  assert.is(query.status, 400)
  assert.is(query.body.field, "dept")
  assert.match(query.body.message, 'did you mean "depth"?')
})

test("an integer of the query is a number, and what is none is refused", async () => {
  const http = await serving([book])
  assert.equal((await http.get("/api/book?depth=5&symbol=7")).body, { query: { depth: 5, symbol: "7" } })
  const { status, body } = await http.get("/api/book?depth=five")
  assert.is(status, 400)
  assert.is(body.field, "depth")
})

test("a body that is no JSON is bad_json, an empty one too", async () => {
  const http = await serving([echo])
  for (const text of ['{"side":', "", '{"side":"BUY","__proto__":{}}', '{"side":"BUY","qty":0.100000000000000000001']) {
    const { status, body } = await http.post("/api/echo", text)
    assert.is(status, 400, text)
    assert.is(body.error, "bad_json", text)
  }
})

test("a body that is no object is refused, and a missing one", async () => {
  const http = await serving([echo])
  for (const text of ["[]", "7", "null", undefined]) {
    const { status, body } = await http.post("/api/echo", text)
    assert.is(status, 400, text)
    assert.is(body.error, "bad_params", text)
  }
})

test("a body of another media type is 415, one beyond the limit 413", async () => {
  const http = await serving([echo])
  const text = await http.post("/api/echo", "side=BUY", { "content-type": "application/x-www-form-urlencoded" })
  assert.is(text.status, 415)
  assert.is(text.body.error, "unsupported_media_type")
  const large = await http.post("/api/echo", `{"side":"${"x".repeat(1024 * 1024)}"}`)
  assert.is(large.status, 413)
  assert.is(large.body.error, "too_large")
})

test("an unknown path is 404 with the ones near it, a known path with another method 405", async () => {
  const http = await serving([echo, book])
  const unknown = await http.get("/api/bok")
  assert.is(unknown.status, 404)
  assert.is(unknown.body.error, "not_found")
  assert.match(unknown.body.message, "/api/book")
  const method = await http.post("/api/book", {})
  assert.is(method.status, 405)
  assert.is(method.body.error, "method_not_allowed")
  assert.is(method.headers.allow, "GET")
})

test("a path that cannot be decoded is a bad_request", async () => {
  const http = await serving([book])
  const { status, body } = await http.get("/api/%zz")
  assert.is(status, 400)
  assert.is(body.error, "bad_request")
})

test("a VelozError is answered with its status, code, message and field", async () => {
  const error = new VelozError("VELOZ_X", "too much", { status: 422, httpCode: "risk_max_order_qty", field: "qty" })
  const http = await serving([failing(error)])
  const { status, body } = await http.get("/api/fail")
  assert.is(status, 422)
  assert.equal(body, { ok: false, error: "risk_max_order_qty", message: "too much", field: "qty" })
})

test("an error of ours is 500 without its words, which go to the log", async () => {
  const http = await serving([failing(new Error("a secret"))])
  const { status, body } = await http.get("/api/fail")
  assert.is(status, 500)
  assert.is(body.error, "internal")
  assert.not.match(JSON.stringify(body), "secret")
  assert.is(http.errors.length, 1)
  assert.match(http.errors[0], "a secret")
})

test("what a handler throws, and what it answers that cannot be sent, is told to the owner of the route", async () => {
  const told: string[] = []
  const onFault = (error: unknown): void => void told.push((error as Error).message)
  const routes = [failing(new Error("a secret")), { ...answering({ n: 1n }), url: "/api/big" }]
  const http = await serving([])
  http.service.commit(await http.service.prepare(routes.map((route) => ({ plugin: "mine", route, onFault }))))
  assert.is((await http.get("/api/fail")).status, 500)
  assert.is((await http.get("/api/big")).status, 500)
  assert.equal(told, ["a secret", "Do not know how to serialize a BigInt"])
  assert.equal(http.errors, [])
})

test("an answer that is text has its media type", async () => {
  const route: Route = { method: "GET", url: "/metrics", text: "text/plain; version=0.0.4", handler: () => "up 1\n" }
  const http = await serving([route])
  const { status, body, headers } = await http.get("/metrics")
  assert.equal([status, body], [200, "up 1\n"])
  assert.match(String(headers["content-type"]), /^text\/plain; version=0\.0\.4/)
})

test("an answer is trimmed to its schema where a route has one", async () => {
  const response = { type: "object", properties: { ok: { type: "boolean" } } }
  const http = await serving([{ ...answering({ ok: true, more: 1 }), response }])
  assert.equal((await http.get("/api/answer")).body, { ok: true })
})

test("a handler that returns nothing answers ok", async () => {
  const http = await serving([answering(undefined)])
  assert.equal((await http.get("/api/answer")).body, { ok: true })
})

test("a request carries the time when it was received, taken before its body was read", async () => {
  let receivedNs = -1
  const http = await serving([{ ...echo, handler: (request) => void (receivedNs = request.receivedNs) }])
  http.clock.advanceNs(37)
  await http.post("/api/echo", { side: "BUY" })
  assert.is(receivedNs, 5_037)
})

test("GET / lists the routes", async () => {
  const http = await serving([echo, book])
  const { body } = await http.get("/")
  assert.is(body.name, "veloz")
  assert.equal(body.routes[0], { method: "GET", url: "/api/book", plugin: "test", summary: "A book" })
  assert.is(body.routes.length, 2)
})

test("a Host that is not this machine is refused, so that no web page reaches the server by a name of its own", async () => {
  const http = await serving([book])
  const statusFor = async (host: string) => (await http.get("/api/book", { host })).status
  assert.is(await statusFor(`127.0.0.1:${http.port}`), 200)
  assert.is(await statusFor(`localhost:${http.port}`), 200)
  assert.is(await statusFor("[::1]"), 200)
  assert.is(await statusFor("evil.example"), 403)
  assert.is(await statusFor(`127.0.0.1.evil.example:${http.port}`), 403)
  assert.is(await statusFor(`localhost:${http.port}`), 200)
})

test("an Origin must be the server's own", async () => {
  const http = await serving([book])
  const host = `127.0.0.1:${http.port}`
  assert.is((await http.get("/api/book", { origin: `http://${host}` })).status, 200)
  for (const origin of ["http://evil.example", "null", `http://${host}.evil.example`, "http://127.0.0.1"]) {
    const { status, body } = await http.get("/api/book", { origin })
    assert.is(status, 403, origin)
    assert.is(body.error, "forbidden")
  }
})

test("with a token every request needs it, and a wrong one says nothing of the right one", async () => {
  const http = await serving([book], "s3cret")
  for (const authorization of [undefined, "Bearer wrong", "Bearer s3cre", "s3cret", "Basic s3cret"]) {
    const { status, body, headers } = await http.get("/api/book", authorization === undefined ? {} : { authorization })
    assert.is(status, 401, authorization)
    assert.is(body.error, "unauthorized")
    assert.is(headers["www-authenticate"], "Bearer")
  }
  assert.is((await http.get("/api/book", { authorization: "Bearer s3cret" })).status, 200)
})

test("an address that other machines reach is not listened on without a token", async () => {
  const probe = new HttpProbe()
  await rejects(probe.service.listen({ host: "0.0.0.0", port: 0 }), "VELOZ_TOKEN_MISSING", "VELOZ_API_TOKEN")
  await rejects(probe.service.prepare([], { host: "0.0.0.0", port: 0 }), "VELOZ_TOKEN_MISSING", "VELOZ_API_TOKEN")
})

test("a port that is taken is named with who holds it", async () => {
  const first = await serving([book])
  const second = new HttpProbe({ portHolder: () => "nginx (pid 12)" })
  const error = await rejects(
    second.service.listen({ host: "127.0.0.1", port: first.port }),
    "VELOZ_PORT_TAKEN",
    String(first.port),
  )
  assert.match(error.message, "nginx (pid 12)")
  assert.is(second.service.address, undefined)
})

test("an address that is not this machine's is refused with a mend", async () => {
  const probe = new HttpProbe()
  await rejects(probe.service.listen({ host: "192.0.2.1", port: 0, token: "x" }), "VELOZ_LISTEN", "VELOZ_HOST")
})

test("two plugins with one route are refused by name, and the routes that were served go on", async () => {
  const http = await serving([answering({ generation: 1 })])
  const routes = ["a", "b"].map((plugin) => ({ plugin, route: answering({ generation: 2 }) }))
  const error = await rejects(http.service.prepare(routes), "VELOZ_ROUTE_TAKEN", "GET /api/answer")
  assert.match(error.message, 'plugin "a"')
  assert.equal((await http.get("/api/answer")).body, { generation: 1 })
})

test("a schema that is none is refused while it is prepared", async () => {
  const probe = new HttpProbe()
  const route: Route = { ...echo, body: { properties: { side: { typo: "string" } } } }
  try {
    await probe.service.prepare([{ plugin: "mine", route }])
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, 'plugin "mine" cannot serve POST /api/echo')
    assert.match((error as Error).message, "typo")
  }
})

test("a path that does not begin with a slash is refused with the mend", async () => {
  const probe = new HttpProbe()
  const preparing = probe.service.prepare([{ plugin: "mine", route: { ...answering({}), url: "answer" } }])
  await rejects(preparing, "VELOZ_ROUTE_INVALID", 'plugin "mine" cannot serve GET answer: its url begins with "/"')
})

test("a request that runs is finished by the routes that it began on, while new ones see the new routes", async () => {
  let finish: (value: unknown) => void = () => {}
  const slow: Route = { method: "GET", url: "/api/slow", handler: () => new Promise((resolve) => (finish = resolve)) }
  const http = await serving([slow, answering({ generation: 1 })])
  const running = http.get("/api/slow")
  await until(async () => (await http.get("/api/answer")).body.generation === 1)
  await http.adopt([answering({ generation: 2 })])
  assert.equal((await http.get("/api/answer")).body, { generation: 2 })
  assert.is((await http.get("/api/slow")).status, 404)
  finish({ generation: 1 })
  assert.equal((await running).body, { generation: 1 })
})

test("no request is lost while a hundred generations take over", async () => {
  const http = await serving([answering({ generation: 0 })])
  let isDone = false
  let answered = 0
  const load = async () => {
    while (!isDone) {
      assert.is((await http.get("/api/answer")).status, 200)
      answered += 1
    }
  }
  const clients = [load(), load(), load()]
  for (let generation = 1; generation <= 100; generation += 1) {
    await http.adopt([answering({ generation })])
    assert.equal((await http.get("/api/answer")).body, { generation })
  }
  isDone = true
  await Promise.all(clients)
  assert.ok(answered > 100, `${answered}`)
})

test("a generation that is given up leaves no trace, its port included", async () => {
  const http = await serving([answering({ generation: 1 })])
  const { port } = http
  const prepared = await http.service.prepare([], { host: "127.0.0.1", port: await freePort() })
  await prepared.dispose()
  await prepared.dispose()
  assert.is(http.port, port)
  assert.equal((await http.get("/api/answer")).body, { generation: 1 })
})

test("another port is open before the old one closes, and serves the same routes", async () => {
  const http = await serving([answering({ generation: 1 })])
  const old = http.port
  const wanted = await freePort()
  const prepared = await http.service.prepare([{ plugin: "test", route: answering({ generation: 2 }) }], {
    host: "127.0.0.1",
    port: wanted,
  })
  assert.is(http.port, old)
  assert.equal(await Promise.all([old, wanted].map(isRefused)), [false, false])
  assert.equal((await http.get("/api/answer")).body, { generation: 1 })
  http.service.commit(prepared)
  assert.is(http.port, wanted)
  assert.equal((await http.get("/api/answer")).body, { generation: 2 })
  await until(() => isRefused(old))
})

test("a port that is changed and changed back within the grace of the old one is served again", async () => {
  const http = await serving([answering({ generation: 1 })])
  const old = http.port
  const to = async (port: number): Promise<void> => {
    const routes = [{ plugin: "test", route: answering({ port }) }]
    http.service.commit(await http.service.prepare(routes, { host: "127.0.0.1", port }))
    assert.is(http.port, port)
    assert.equal((await http.get("/api/answer")).body, { port })
  }
  await to(await freePort())
  await to(old)
})

test("a taken port refuses a generation, and the old one goes on at its own", async () => {
  const http = await serving([answering({ generation: 1 })])
  const { port } = http
  const holder = await serving([book])
  await rejects(http.service.prepare([], { host: "127.0.0.1", port: holder.port }), "VELOZ_PORT_TAKEN", "port")
  assert.is(http.port, port)
  assert.equal((await http.get("/api/answer")).body, { generation: 1 })
})

test("an address that overlaps the one in use is refused with what to change too", async () => {
  const http = await serving([book])
  const wish = { host: "0.0.0.0", port: http.port, token: "x" }
  await rejects(http.service.prepare([], wish), "VELOZ_PORT_OVERLAPS", "metrics-api.port")
  assert.is((await http.get("/api/book?symbol=BTCUSDT")).status, 200)
})

test("the same address again keeps the port, 0 for a free one included", async () => {
  const http = await serving([answering({ generation: 1 })])
  const { port } = http
  await http.service.listen({ host: "127.0.0.1", port: 0 })
  assert.is(http.port, port)
  await http.service.listen({ host: "127.0.0.1", port })
  assert.is(http.port, port)
})

test("close lets a request that runs finish, and cuts off what takes longer", async () => {
  let finish: (value: unknown) => void = () => {}
  const slow: Route = { method: "GET", url: "/api/slow", handler: () => new Promise((resolve) => (finish = resolve)) }
  const http = await serving([slow])
  const finishing = http.get("/api/slow")
  await until(() => finish.length === 1)
  const closed = http.service.close(5_000)
  finish({ done: true })
  assert.equal((await finishing).body, { done: true })
  await closed

  const other = await serving([{ ...slow, handler: () => new Promise(() => {}) }])
  const cut = other.get("/api/slow").then(
    () => "answered",
    () => "cut",
  )
  await until(() => connectionsOf(other))
  await other.service.close(20)
  assert.is(await cut, "cut")
})

test("bytes that are no HTTP are answered and not the end of the server", async () => {
  const http = await serving([book])
  const answer = await new Promise<string>((resolve) => {
    const socket = connect(http.port, "127.0.0.1", () => socket.write("no http at all\r\n\r\n"))
    socket.once("data", (data) => resolve(data.toString()))
  })
  assert.match(answer, "400 Bad Request")
  assert.match(answer, "bad_request")
  assert.is((await http.get("/api/book")).status, 200)
})

test("before its first routes a server says that the engine is starting", async () => {
  const probe = new HttpProbe()
  open.push(probe)
  await probe.service.listen({ host: "127.0.0.1", port: 0 })
  const { status, body } = await probe.get("/api/health")
  assert.is(status, 503)
  assert.is(body.error, "starting")
})

/** A route that answers with the stream that is made for the request. */
function streaming(make: () => Readable): Route {
  return { method: "GET", url: "/api/stream", stream: "text/plain", handler: make }
}

test("a stream goes on while the port changes, and ends whole with the grace of the old one", async () => {
  const source = new Readable({ read() {} })
  const routes = [streaming(() => source)]
  const http = await HttpProbe.serving(routes, undefined, { oldPortGraceMs: 200 })
  open.push(http)
  const answer = http.get("/api/stream")
  await until(() => source.listenerCount("data") > 0)
  const owned = routes.map((route) => ({ plugin: "test", route }))
  http.service.commit(await http.service.prepare(owned, { host: "127.0.0.1", port: await freePort() }))
  source.push("there is another port")
  // Cut off it would be an error.
  assert.is((await answer).body, "there is another port")
  await until(() => source.destroyed)
})

test("an answer that is a stream has its media type, and ends with it", async () => {
  const http = await serving([streaming(() => Readable.from(["one ", "two"]))])
  const { status, body, headers } = await http.get("/api/stream")
  assert.equal([status, body, headers["content-type"]], [200, "one two", "text/plain"])
})

test("a stream whose reader goes is destroyed", async () => {
  const source = new Readable({ read() {} })
  const http = await serving([streaming(() => source)])
  const socket = connect(http.port, "127.0.0.1", () =>
    socket.write("GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  )
  source.push("hello")
  await once(socket, "data")
  assert.is(source.destroyed, false)
  socket.destroy()
  await until(() => source.destroyed)
})

test("a stream that breaks off cuts its connection, so that its reader knows", async () => {
  for (const error of [new Error("on purpose"), undefined]) {
    const source = new Readable({ read() {} })
    const http = await serving([streaming(() => source)])
    source.push("hello")
    const reading = http.get("/api/stream").then(
      () => "ended",
      (reason: NodeJS.ErrnoException) => reason.code,
    )
    await until(() => source.listenerCount("data") > 0)
    source.destroy(error)
    assert.is(await reading, "ECONNRESET")
    assert.equal(http.errors, [])
  }
})

test("a stream that is refused is answered like every other request", async () => {
  const refusing = (): never => {
    throw new VelozError("X", "no more", { status: 503, httpCode: "overloaded" })
  }
  const http = await serving([streaming(refusing)])
  const { status, body } = await http.get("/api/stream")
  assert.equal([status, body], [503, { ok: false, error: "overloaded", message: "no more" }])
})

test("a HEAD of a stream makes none, and a close ends those that are open", async () => {
  let made = 0
  const source = new Readable({ read() {} })
  const make = (): Readable => {
    made += 1
    return source
  }
  const http = await serving([streaming(make)])
  assert.is((await http.send("HEAD", "/api/stream", undefined, {})).status, 200)
  assert.is(made, 0)
  source.push("hello")
  const answer = http.get("/api/stream")
  await until(() => source.listenerCount("data") > 0)
  await http.service.close(10_000)
  assert.is((await answer).body, "hello")
  assert.is(source.destroyed, true)
})

async function rejects(promise: Promise<unknown>, code: string, words: string): Promise<VelozError> {
  try {
    await promise
  } catch (error) {
    assert.instance(error, VelozError)
    assert.is((error as VelozError).code, code)
    assert.match((error as VelozError).message, words)
    return error as VelozError
  }
  throw new Error(`nothing was refused, ${code} was expected`)
}

async function freePort(): Promise<number> {
  const probe = await HttpProbe.serving([])
  const { port } = probe
  await probe.close()
  return port
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("error", () => resolve(true))
    socket.once("connect", () => {
      socket.destroy()
      resolve(false)
    })
  })
}

/** A moment in which a request that was sent has certainly arrived. */
async function connectionsOf(http: HttpProbe): Promise<boolean> {
  return (await http.get("/")).status === 200
}

test.run()
