import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { touchPages } from "../../../core/hot/pages.js"
import { hugeKib, hugePagesOfSystem } from "../../../core/os/huge-pages.js"
import { lockedKib } from "../../../core/os/page-care.js"
import { PoolPages } from "../../../core/threads/pool-pages.js"
import { hasCapability, IPC_LOCK } from "../../support/capabilities.js"
import { testUnless } from "../../support/skip.js"

const MIB = 2 ** 20
const failures: string[] = []
const pages = new PoolPages((message) => void failures.push(message))

test("the same wish again needs nothing to be touched anew, another one does", () => {
  assert.not(pages.wish())
  assert.ok(pages.wish({ lock: false, huge: true }))
  assert.not(pages.wish({ lock: false, huge: true }))
  assert.ok(pages.wish(undefined))
})

const withLocking = testUnless(hasCapability(IPC_LOCK) ? undefined : "it takes the capability CAP_IPC_LOCK")

withLocking("what is touched is locked, no more than that, and unlocked with the wish", () => {
  const memory = new Uint8Array(16 * MIB)
  pages.wish({ lock: true, huge: false })
  const residentMib = process.memoryUsage.rss() / MIB
  touchPages(memory, 0, 4 * MIB)
  assert.ok(lockedKib()! / 1024 >= 16, "the block is, and its pages as they are touched")
  const grownMib = process.memoryUsage.rss() / MIB - residentMib
  assert.ok(grownMib < 12, `${grownMib} MiB more are resident`)
  touchPages(memory, 4 * MIB, memory.length)
  pages.wish(undefined)
  assert.is(lockedKib(), 0)
  touchPages(new Uint8Array(MIB))
  assert.equal([lockedKib(), failures], [0, []])
})

const whereAsked = testUnless(
  hugePagesOfSystem() === "madvise" ? undefined : "it takes a system that gives huge pages to who asks (madvise)",
)

whereAsked("a block that is touched with the wish is made of huge pages, and one without it is not", () => {
  const before = hugeKib()!
  const plain = new Uint8Array(24 * MIB)
  touchPages(plain)
  assert.is(hugeKib(), before)
  pages.wish({ lock: false, huge: true })
  const memory = new Uint8Array(24 * MIB)
  for (let from = 0; from < memory.length; from += MIB) touchPages(memory, from, from + MIB)
  assert.ok(hugeKib()! - before >= 20 * 1024, `${hugeKib()} KiB of huge pages`)
  pages.wish(undefined)
  assert.equal([plain.length, failures], [memory.length, []])
})

const withoutLocking = testUnless(
  process.platform === "linux" &&
    !hasCapability(IPC_LOCK) &&
    /^Max locked memory +\d/m.test(readFileSync("/proc/self/limits", "utf8"))
    ? undefined
    : "it takes a process that may not lock memory",
)

withoutLocking("a refusal is said once for each wish, with what it takes", () => {
  pages.wish({ lock: true, huge: false })
  const memory = new Uint8Array(256 * MIB)
  touchPages(memory)
  touchPages(memory)
  assert.is(failures.length, 1)
  assert.match(failures[0], "CAP_IPC_LOCK")
  pages.wish(undefined)
})

test.run()
