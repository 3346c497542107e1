import { once } from "node:events"
import net from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { EngineClient, engineUrl } from "../../../core/cli/engine-client.js"

test("the engine is where the environment would make it listen", () => {
  const cases: [env: NodeJS.ProcessEnv, url: string][] = [
    [{}, "http://127.0.0.1:8080"],
    [{ VELOZ_PORT: "9000" }, "http://127.0.0.1:9000"],
    [{ VELOZ_HOST: "10.0.0.5", VELOZ_PORT: "" }, "http://10.0.0.5:8080"],
    [{ VELOZ_HOST: "::1" }, "http://[::1]:8080"],
    [{ VELOZ_HOST: "0.0.0.0" }, "http://127.0.0.1:8080"],
    [{ VELOZ_HOST: "::" }, "http://[::1]:8080"],
  ]
  for (const [env, url] of cases) assert.is(engineUrl(env), url)
})

test("a server that takes the request and says nothing is given up", async () => {
  const server = net.createServer((socket) => socket.resume()).listen(0, "127.0.0.1")
  await once(server, "listening")
  const url = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  try {
    await new EngineClient(url, undefined, new AbortController().signal, 50).get<{ x: 1 }>("/", "x")
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, `no engine answers at ${url}: no answer came in 50 ms`)
  } finally {
    server.close()
  }
})

test.run()
