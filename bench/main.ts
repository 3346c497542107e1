import { fork } from "node:child_process"
import { once } from "node:events"
import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { book } from "./cases/book.js"
import { callMeter } from "./cases/call-meter.js"
import { clock } from "./cases/clock.js"
import { decode, decodeDeep } from "./cases/decode.js"
import { handoff, handoffBatched, handoffParked } from "./cases/handoff.js"
import { histogram } from "./cases/histogram.js"
import { marketPath } from "./cases/market-path.js"
import { newCode } from "./cases/new-code.js"
import { orderPath, orderReport } from "./cases/order-path.js"
import { orderToAck } from "./cases/order-to-ack.js"
import { reloadFused, reloadSplit } from "./cases/reload.js"
import { ring } from "./cases/ring.js"
import { save } from "./cases/save.js"
import { send } from "./cases/send.js"
import type { BenchCase, BenchRow } from "./measure.js"
import { formatTable } from "./table.js"

/** Every case, in the order of the table. A new one is a file in cases/ and a line here. */
const CASES: readonly BenchCase[] = [
  book,
  decode,
  decodeDeep,
  marketPath,
  orderPath,
  orderReport,
  orderToAck,
  send,
  ring,
  handoff,
  handoffBatched,
  handoffParked,
  reloadFused,
  reloadSplit,
  newCode,
  save,
  histogram,
  callMeter,
  clock,
]

const USAGE = "usage: npm run bench -- [--quick] [--json FILE] [CASE ...]"

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
  allowPositionals: true,
})
const wanted = CASES.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const unknown = positionals.filter((name) => !CASES.some((benchCase) => benchCase.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no case ${unknown.join(", ")}; there are ${CASES.map(({ name }) => name).join(", ")}.\n${USAGE}`,
  )
  process.exit(2)
}

if (process.send === undefined) await measureAll()
else process.send(await wanted[0].run({ quick: values.quick }), () => process.exit())

async function measureAll(): Promise<void> {
  const rows: BenchRow[] = []
  for (const { name } of wanted) {
    console.error(`measuring ${name} ...`)
    rows.push(...(await measureInChild(name)))
  }
  console.log(formatTable(rows))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`)
}

/** A process a case: what the compiler learns from one case would make it guess wrong in the next. */
async function measureInChild(name: string): Promise<BenchRow[]> {
  const child = fork(process.argv[1], [name, ...(values.quick ? ["--quick"] : [])])
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the case ${name} ended with code ${code} before it had measured anything`)
  })
  const [rows] = (await Promise.race([once(child, "message"), ended])) as [BenchRow[]]
  return rows
}
