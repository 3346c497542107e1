import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { namespaceObstacle, runInNamespace } from "../../support/namespace.js"
import { testUnless } from "../../support/skip.js"

// On a disk of its own, in a mount namespace, which is filled, and then read-only.

const IN_MOUNTS = process.geteuid?.() === 0 ? ["unshare", "--mount"] : ["unshare", "--map-root-user", "--mount"]
const folder = mkdtempSync(join(tmpdir(), "veloz-disk-"))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const SCRIPT = `
import { rmSync, writeFileSync } from "node:fs"
import { execFileSync } from "node:child_process"
import { History } from ${JSON.stringify(new URL("../../../core/history/history.js", import.meta.url).href)}
import { listAttempts, readAttempt } from ${JSON.stringify(new URL("../../../core/history/read.js", import.meta.url).href)}
const root = process.argv[2]
const told = []
const tell = (message) => told.push(message)
const open = () => new History({ root, version: "1.0.0", url: () => null, warn: tell, info: tell })
const history = open()
let max = 0
async function attempt() {
  max += 1
  const config = { values: { max, pad: "x".repeat(20_000) }, origins: new Map() }
  const begun = await history.begin({ layer: "file", name: "a save" }, 0)
  await history.end(begun, { outcome: "committed", generation: begun.number, durationMs: 1, summary: "a save", config })
}
function fill() {
  for (const size of [65_536, 4096, 1]) {
    try {
      for (let i = 0; ; i++) writeFileSync(root + "/full-" + size + "-" + i, "x".repeat(size))
    } catch (error) {
      if (error.code !== "ENOSPC") throw error
    }
  }
}
await attempt()
fill()
await attempt()
await attempt()
const full = [...told]
execFileSync("sh", ["-c", "rm " + root + "/full-*"])
await attempt()
const freed = [...told]
execFileSync("mount", ["-o", "remount,ro", root])
await attempt()
const numbers = await history.numbers()
const read = []
for (const number of numbers) read.push((await readAttempt(history, number)).config.max)
const { attempts, damaged } = await listAttempts(open(), 10)
console.log(JSON.stringify({ full, freed, told, numbers, read, onDisk: attempts.map((one) => [one.number, one.outcome]), damaged }))
`

testUnless(namespaceObstacle(IN_MOUNTS))(
  "a disk that is full, and then read-only, costs a notice each: attempts go on, are read from memory, and written later",
  () => {
    const script = join(folder, "script.mjs")
    writeFileSync(script, SCRIPT)
    const disk = join(folder, "disk")
    const commands = `mkdir ${disk} && mount -t tmpfs -o size=256k tmpfs ${disk} && node ${script} ${disk}`
    const { status, stdout, stderr } = runInNamespace(commands, {}, IN_MOUNTS)
    assert.is(status, 0, stderr)
    const { full, freed, told, numbers, read, onDisk, damaged } = JSON.parse(stdout)
    assert.is(full.length, 1)
    assert.match(full[0], /cannot be written, and is kept in memory.*ENOSPC/)
    assert.match(freed[1], "again")
    assert.match(told[2], /cannot be written.*EROFS/)
    assert.is(told.length, 3)
    assert.equal(numbers, [5, 4, 3, 2, 1])
    assert.equal(read, [5, 4, 3, 2, 1])
    assert.equal(damaged, [])
    const committed = onDisk.filter(([, outcome]: [number, string]) => outcome === "committed")
    assert.equal(
      committed.map(([number]: [number]) => number),
      [4, 3, 2, 1],
    )
  },
)

test.run()
