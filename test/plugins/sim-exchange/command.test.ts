import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Log } from "veloz"
import { exchangeCommand } from "../../../plugins/sim-exchange/command.js"
import type { Json } from "./support.js"

/** Runs the command until `during` is over, and returns what it logged and its exit code. */
async function run(flags: Record<string, string>, during: (url: string) => Promise<void>) {
  const lines: string[] = []
  const stop = new AbortController()
  let listening = (_url: string) => {}
  const url = new Promise<string>((resolve) => {
    listening = resolve
  })
  const write = (line: string) => {
    lines.push(line)
    const [found] = /http:\S+(?=,)/.exec(line) ?? []
    if (found !== undefined) listening(found)
  }
  const log: Log = { debug: write, info: write, warn: write, error: write }
  const code = exchangeCommand.run(flags, { log, signal: stop.signal })
  await during(await Promise.race([url, code.then(() => "")]))
  stop.abort()
  return { code: await code, lines }
}

test("it serves until it is asked to stop, and shows an account to trade with", async () => {
  const { code, lines } = await run({ port: "0", symbols: "BTCUSDT,ETHUSDT" }, async (url) => {
    const info: Json = await (await fetch(`${url}/exchangeInfo`)).json()
    assert.equal(
      info.symbols.map(({ symbol }: Json) => symbol),
      ["BTCUSDT", "ETHUSDT"],
    )
  })
  assert.is(code, 0)
  assert.match(lines[1], /key [0-9a-f]{32}, secret [0-9a-f]{64}/)
})

test("an account of the environment is used, and its secret is not shown", async () => {
  process.env.VELOZ_EXCHANGE_API_KEY = "mine"
  process.env.VELOZ_EXCHANGE_API_SECRET = "hush"
  const { lines } = await run({ port: "0" }, async () => {})
  delete process.env.VELOZ_EXCHANGE_API_KEY
  delete process.env.VELOZ_EXCHANGE_API_SECRET
  assert.match(lines[1], "key mine")
  assert.not.match(lines.join(), "hush")
})

test("a flag that is no number in its range is named", async () => {
  const refusal = (flags: Record<string, string>) =>
    run(flags, async () => {}).then(
      () => "",
      (error) => error.message,
    )
  assert.match(await refusal({ port: "nine" }), '--port must be a number from 0 to 65535, was "nine"')
  assert.match(await refusal({ port: "0", eventsPerSecond: "-1" }), "--events-per-second")
})

test.run()
