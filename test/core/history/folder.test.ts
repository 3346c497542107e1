import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { HistoryFolder, hashOf } from "../../../core/history/folder.js"
import { listAttempts } from "../../../core/history/read.js"
import { attempt } from "./attempts.js"

let root = ""
let folder: HistoryFolder
const file = (number: number): string => join(folder.path, "attempts", `${number}.json`)
const object = (name: string): string => join(folder.path, "objects", name)
const refusal = (work: Promise<unknown>): Promise<string> => work.then(() => "", String)

test.before.each(() => {
  root = mkdtempSync(join(tmpdir(), "veloz-history-"))
  folder = new HistoryFolder(root)
})
test.after.each(() => rmSync(root, { recursive: true, force: true }))

test("an attempt and what it names are read as they were written", async () => {
  const values = await folder.put(`{"depth":5}`)
  await folder.claim(attempt(1, { outcome: "begun" }))
  await folder.write(attempt(1, { values }))
  assert.equal(await folder.read(1), attempt(1, { values }))
  assert.is(await folder.get(values), `{"depth":5}`)
  assert.equal(await folder.numbers(), [1])
})

test("a project without a history has no attempts, and reading makes no folder", async () => {
  assert.equal(await folder.numbers(), [])
  assert.is(await folder.read(1), undefined)
  assert.not(existsSync(join(root, ".veloz")))
})

test("its files are for their owner alone, and git ignores them", async () => {
  await folder.claim(attempt(1))
  const name = await folder.put("a text")
  for (const path of [file(1), object(name)]) assert.is(statSync(path).mode & 0o777, 0o600)
  for (const path of [join(folder.path, "attempts"), join(folder.path, "objects")]) {
    assert.is(statSync(path).mode & 0o777, 0o700)
  }
  assert.match(readFileSync(join(root, ".veloz", ".gitignore"), "utf8"), /^\*$/m)
})

test("numbers go on from the newest, and no two attempts get the same", async () => {
  await folder.claim(attempt(7))
  assert.is((await folder.claim(attempt(7))).number, 8)
  const engines = Array.from({ length: 20 }, () => new HistoryFolder(root).claim(attempt(3)))
  const numbers = (await Promise.all(engines)).map(({ number }) => number)
  assert.is(new Set(numbers).size, 20)
  assert.is(Math.max(...(await folder.numbers())), Math.max(...numbers))
})

test("a file that was cut short, edited or renamed is told by name, and the others are read", async () => {
  for (const number of [1, 2, 3, 4, 5]) await folder.claim(attempt(number))
  truncateSync(file(1), 100)
  truncateSync(file(2), 0)
  writeFileSync(file(3), JSON.stringify({ ...attempt(3), outcome: "great" }))
  writeFileSync(file(4), JSON.stringify(attempt(5)))
  writeFileSync(join(folder.path, "attempts", "notes.txt"), "not ours")
  const { attempts, damaged } = await listAttempts(folder, 10)
  assert.equal(
    attempts.map(({ number }) => number),
    [5],
  )
  const reasons = [
    /attempt 4 .*its number is 5/,
    /attempt 3 .*outcome must be/,
    /attempt 2 .*empty/,
    /attempt 1 .*no JSON/,
  ]
  for (const [index, reason] of reasons.entries()) assert.match(damaged[index], reason)
})

test("names of objects that are no hashes are refused: nothing outside of the folder can be named", async () => {
  await folder.claim(attempt(1))
  writeFileSync(file(1), JSON.stringify(attempt(1, { values: "../../../../etc/passwd" })))
  assert.match(await refusal(folder.read(1)), /values/)
})

test("an object that was changed is not taken for what its name says, and is healed when it is written again", async () => {
  const name = await folder.put("the values")
  writeFileSync(object(name), "the walues")
  assert.match(await refusal(folder.get(name)), /another content/)
  truncateSync(object(name), 3)
  assert.match(await refusal(folder.get(name)), /another content/)
  await folder.put("the values")
  assert.is(await folder.get(name), "the values")
  assert.match(await refusal(folder.get(hashOf("never written"))), /is gone/)
})

test("a folder that is removed under a running engine is made again", async () => {
  await folder.claim(attempt(1))
  rmSync(join(root, ".veloz"), { recursive: true })
  await folder.write(attempt(1))
  await folder.put("a text")
  assert.equal(await folder.numbers(), [1])
})

test("cleaning removes what no attempt names, but nothing that is young enough to be named yet", async () => {
  const named = await folder.put("named")
  const [old, young] = [await folder.put("old"), await folder.put("young")]
  await folder.claim(attempt(1, { values: named }))
  const yesterday = new Date(Date.now() - 86_400_000)
  for (const name of [named, old]) utimesSync(object(name), yesterday, yesterday)
  await folder.clean()
  assert.equal(readdirSync(join(folder.path, "objects")).sort(), [named, young].sort())
})

test("engines that are killed in the middle of their writing leave nothing that cannot be read", async () => {
  const script = join(root, "writer.mjs")
  const modulePath = new URL("../../../core/history/folder.js", import.meta.url).href
  const base = JSON.stringify(attempt(1))
  writeFileSync(
    script,
    `import { HistoryFolder } from ${JSON.stringify(modulePath)}
    const folder = new HistoryFolder(${JSON.stringify(root)})
    const base = ${base}
    for (let i = 0; ; i++) {
      const claimed = await folder.claim({ ...base, outcome: "begun" })
      const values = await folder.put(String(process.pid) + i + "x".repeat(50_000))
      await folder.write({ ...claimed, outcome: "committed", values })
      if (i === 0) process.stdout.write("writing\\n")
    }`,
  )
  for (let round = 0; round < 5; round++) {
    const writers = [0, 1].map(() => spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] }))
    await Promise.all(writers.map((writer) => once(writer.stdout!, "data")))
    await sleep(20 + 13 * round)
    for (const writer of writers) writer.kill("SIGKILL")
    await Promise.all(writers.map((writer) => once(writer, "exit")))
  }
  const { attempts, damaged } = await listAttempts(folder, 100_000)
  // A claim is one write: a process that is killed between its creation and its text leaves an empty one.
  assert.ok(damaged.length <= 10, `${damaged.length} of ${attempts.length} are damaged`)
  for (const sentence of damaged) assert.match(sentence, "it is empty")
  const whole = attempts.filter(({ outcome }) => outcome === "committed")
  assert.ok(whole.length >= 10, `${whole.length} were written`)
  for (const { values } of whole) assert.ok((await folder.get(values!)).endsWith("xxx"))
})

test.run()
