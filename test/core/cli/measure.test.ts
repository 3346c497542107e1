import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { runVelozIn } from "../../support/run-veloz.js"
import { freePort } from "../../support/running-engine.js"

const folder = mkdtempSync(join(tmpdir(), "veloz-measure-"))
test.after(() => rmSync(folder, { recursive: true }))

/** What answers in place of an engine: two orders and ten updates more at each question for the totals. */
class FakeEngine {
  readonly requests: IncomingMessage[] = []
  asked = 0
  run = "first"
  samplesPerQuestion = 2
  generation = 4
  token: string | undefined
  answerTotals: (totals: object) => unknown = (totals) => totals
  readonly #server: Server

  private constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request)
      const isKnown = this.token === undefined || request.headers.authorization === `Bearer ${this.token}`
      response.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" })
      const answer = request.url === "/api/config" ? this.#config() : this.answerTotals(this.#totals())
      const refusal = { ok: false, error: "unauthorized", message: "this server wants a token" }
      response.end(JSON.stringify(isKnown ? answer : refusal))
    })
  }

  static async serve(body: (engine: FakeEngine, env: NodeJS.ProcessEnv) => Promise<void>): Promise<void> {
    const engine = new FakeEngine()
    await new Promise<void>((resolve) => engine.#server.listen(0, "127.0.0.1", resolve))
    const { port } = engine.#server.address() as AddressInfo
    try {
      await body(engine, { VELOZ_PORT: String(port) })
    } finally {
      engine.#server.close()
      engine.#server.closeAllConnections()
    }
  }

  #config(): object {
    const plugins = { "order-processing": { batch_size: 1 }, mine: { secret: "s3cret" } }
    return { generation: this.generation, config: { symbols: ["BTCUSDT"], plugins } }
  }

  #totals(): object {
    const asked = this.asked++
    const samples = asked * this.samplesPerQuestion
    return {
      version: "1.2.3",
      machine: { cores: 4 },
      advice: { order_path: { validation: "Set it." }, market_data_path: {} },
      run: this.run,
      at_seconds: 100 + asked * 0.1,
      histograms: { order_to_ack: { lowest_ns: [700, 2000], counts: [7 + samples / 2, 9 + samples / 2] } },
      profile: {
        orders: samples,
        order_path_ns: { validation: samples * 1500 },
        updates: 0,
        market_data_path_ns: { decode: 0 },
      },
      counters: { orders_sent: samples, market_updates: asked * 10 },
    }
  }
}

test("a reading has the samples of its seconds alone, and everything that it has to be compared with", async () => {
  await FakeEngine.serve(async (_engine, env) => {
    const { code, out } = await runVelozIn({ env }, "measure", "--seconds", "1", "--json")
    assert.is(code, 0)
    const { started_at, ended_at, slices, url, ...rest } = JSON.parse(out)
    assert.ok(Date.parse(ended_at) - Date.parse(started_at) >= 990)
    assert.is(url, `http://127.0.0.1:${env.VELOZ_PORT}`)
    const values = {
      symbols: ["BTCUSDT"],
      plugins: { "order-processing": { batch_size: 1 }, mine: { secret: "(hidden)" } },
    }
    assert.equal(rest, {
      kind: "veloz-reading",
      format: 1,
      version: "1.2.3",
      machine: { cores: 4 },
      configuration: { first_generation: 4, last_generation: 4, values },
      seconds: 1,
      latency: { order_to_ack: { count: 20, p50_us: 0.7, p95_us: 2, p99_us: 2, max_us: 2 } },
      throughput: { orders_per_second: 20, market_updates_per_second: 100 },
      profile: {
        orders: 20,
        order_path: { validation_us: 1.5, total_us: 1.5 },
        updates: 0,
        market_data_path: { decode_us: null, total_us: null },
        exchange_method: "kernel_min_rtt",
      },
      bottlenecks: [{ component: "validation", pct_of_total: 100, recommendation: "Set it." }],
      counters: { orders_sent: 20, market_updates: 100 },
    })
    assert.is(slices.length, 10)
    assert.ok(slices.every((slice: { seconds: number }) => slice.seconds === 0.1))
    assert.is(slices[3].latency.order_to_ack.count, 2)
  })
})

test("the table says what is in it and where it was saved; the saved file is the reading", async () => {
  await FakeEngine.serve(async (_engine, env) => {
    const file = join(folder, "before.json")
    const { code, out, err } = await runVelozIn({ env }, "measure", "--seconds", "1", "--save", file)
    assert.is(code, 0)
    assert.match(out, /order_to_ack +20 +0\.7 +2\.0 +2\.0 +2\.0/)
    assert.match(out, "validation (100 %): Set it.")
    assert.match(out, `saved to ${file}`)
    assert.match(err, "for 1 s")
    assert.is(JSON.parse(readFileSync(file, "utf8")).kind, "veloz-reading")
  })
})

test("the token of the environment is sent, and a refusal is told in the engine's words", async () => {
  await FakeEngine.serve(async (engine, env) => {
    engine.token = "s3cret"
    const refused = await runVelozIn({ env }, "measure", "--seconds", "1")
    assert.is(refused.code, 1)
    assert.match(refused.err, /VELOZ_ENGINE_REFUSES: .* answers 401: this server wants a token/)
    const { code } = await runVelozIn({ env: { ...env, VELOZ_API_TOKEN: "s3cret" } }, "measure", "--seconds", "1")
    assert.is(code, 0)
  })
})

test("--url wins over the environment, and may leave out the scheme", async () => {
  await FakeEngine.serve(async (engine, { VELOZ_PORT }) => {
    const env = { VELOZ_PORT: String(await freePort()) }
    const { code } = await runVelozIn({ env }, "measure", "--seconds", "1", "--url", `127.0.0.1:${VELOZ_PORT}/`)
    assert.is(code, 0)
    assert.is(engine.requests[0].url, "/api/config")
  })
})

test("without an engine it says so, and what to do", async () => {
  const env = { VELOZ_PORT: String(await freePort()) }
  const { code, out, err } = await runVelozIn({ env }, "measure", "--seconds", "1")
  assert.equal([code, out], [1, ""])
  assert.match(err, /VELOZ_ENGINE_AWAY: no engine answers at http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/)
})

test("another server is not taken for an engine", async () => {
  await FakeEngine.serve(async (engine, env) => {
    engine.answerTotals = () => ["something else"]
    const { code, err } = await runVelozIn({ env }, "measure", "--seconds", "1")
    assert.is(code, 1)
    assert.match(err, "VELOZ_ENGINE_FOREIGN")
  })
})

for (const [what, spoil, expected] of [
  ["measured nothing", (engine: FakeEngine) => void (engine.samplesPerQuestion = 0), "VELOZ_READING_EMPTY"],
  [
    "was started anew",
    (engine: FakeEngine) => {
      engine.answerTotals = (totals) => (engine.asked > 3 ? { ...totals, run: "second" } : totals)
    },
    "VELOZ_READING_RESTARTED",
  ],
] as const) {
  test(`an engine that ${what} gives no reading, and the file that was there stays`, async () => {
    await FakeEngine.serve(async (engine, env) => {
      spoil(engine)
      const file = join(folder, "kept.json")
      writeFileSync(file, "as it was")
      const { code, err } = await runVelozIn({ env }, "measure", "--seconds", "1", "--save", file)
      assert.is(code, 1)
      assert.match(err, expected)
      assert.is(readFileSync(file, "utf8"), "as it was")
    })
  })
}

test("a reading that is stopped saves nothing and leaves nothing behind", async () => {
  await FakeEngine.serve(async (engine, env) => {
    const stop = new AbortController()
    engine.answerTotals = (totals) => {
      setTimeout(() => stop.abort("SIGINT"), 100)
      return totals
    }
    const file = join(folder, "stopped.json")
    const { code, err } = await runVelozIn({ env, signal: stop.signal }, "measure", "--seconds", "60", "--save", file)
    assert.is(code, 1)
    assert.match(err, "VELOZ_READING_STOPPED")
    assert.not.ok(existsSync(file))
    assert.not.ok(readdirSync(folder).some((name) => name.includes("draft")))
  })
})

test("a change of the configuration during the reading is told and kept with it", async () => {
  await FakeEngine.serve(async (engine, env) => {
    engine.answerTotals = (totals) => {
      engine.generation = 5
      return totals
    }
    const { code, out, err } = await runVelozIn({ env }, "measure", "--seconds", "1", "--json")
    assert.is(code, 0)
    assert.match(err, "the configuration changed during the reading (generation 4, then 5)")
    assert.is(JSON.parse(out).configuration.last_generation, 5)
  })
})

test("what cannot be written is refused before anything is measured", async () => {
  await FakeEngine.serve(async (engine, env) => {
    for (const file of [join(folder, "none", "x.json"), folder, "/dev/null"]) {
      const { code, err } = await runVelozIn({ env }, "measure", "--seconds", "60", "--save", file)
      assert.is(code, 1, file)
      assert.match(err, "VELOZ_FILE_UNWRITABLE")
    }
    assert.is(engine.asked, 0)
  })
})

test("a link keeps pointing at the file that is written", async () => {
  await FakeEngine.serve(async (_engine, env) => {
    const [file, link] = [join(folder, "target.json"), join(folder, "link.json")]
    writeFileSync(file, "old")
    symlinkSync(file, link)
    const { code } = await runVelozIn({ env }, "measure", "--seconds", "1", "--save", link)
    assert.is(code, 0)
    assert.match(readFileSync(file, "utf8"), "veloz-reading")
  })
})

for (const seconds of ["0", "-1", "1.5", "86401", "soon", ""]) {
  test(`"${seconds}" is no number of seconds`, async () => {
    const { code, err } = await runVelozIn({}, "measure", `--seconds=${seconds}`)
    assert.is(code, 1)
    assert.match(err, "a whole number of seconds from 1 to 86400")
  })
}

for (const url of ["ftp://host", "http://", "http://a b", ""]) {
  test(`"${url}" is no address of an engine`, async () => {
    const { code, err } = await runVelozIn({}, "measure", `--url=${url}`)
    assert.is(code, 1)
    assert.match(err, "It is an address such as http://127.0.0.1:8080.")
  })
}

test.run()
