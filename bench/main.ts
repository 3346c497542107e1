import { writeFile } from "node:fs/promises"
import { parseArgs } from "node:util"
import { book } from "./cases/book.js"
import { clock } from "./cases/clock.js"
import { decode, decodeDeep } from "./cases/decode.js"
import { histogram } from "./cases/histogram.js"
import { marketPath } from "./cases/market-path.js"
import { orderPath, orderReport } from "./cases/order-path.js"
import { orderToAck } from "./cases/order-to-ack.js"
import { ring } from "./cases/ring.js"
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
  ring,
  histogram,
  clock,
]

const USAGE = "usage: npm run bench -- [--quick] [--json FILE] [CASE ...]"

const { values, positionals } = parseArgs({
  options: { quick: { type: "boolean", default: false }, json: { type: "string" } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !CASES.some((benchCase) => benchCase.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no case ${unknown.join(", ")}; there are ${CASES.map(({ name }) => name).join(", ")}.\n${USAGE}`,
  )
  process.exit(2)
}

const rows: BenchRow[] = []
for (const benchCase of CASES) {
  if (positionals.length > 0 && !positionals.includes(benchCase.name)) continue
  console.error(`measuring ${benchCase.name} ...`)
  rows.push(...(await benchCase.run({ quick: values.quick })))
}
console.log(formatTable(rows))
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`)
