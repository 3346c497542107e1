import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { getPriority } from "node:os"
import { fileURLToPath } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { dmaLatency, dmaLatencyPlacebo } from "../../../core/os/dma-latency.js"
import { hugePages } from "../../../core/os/huge-pages.js"
import { ioClass, nice, oomScore, ownTimerSlack } from "../../../core/os/settings.js"
import { AS_ORDINARY_USER, ordinaryUserObstacle } from "../../support/ordinary-user.js"
import { testUnless } from "../../support/skip.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "these settings are Linux's")
const tid = process.pid

onLinux("a nice value is that of one thread, and a worse one takes no privilege", () => {
  const before = nice.read(tid)!
  assert.is(nice.write(before + 1, tid), undefined)
  assert.is(nice.read(tid), before + 1)
  nice.write(before, tid)
})

onLinux("the class of disk access is as ionice tells it", () => {
  const before = ioClass.read(tid)!
  assert.is(ioClass.write("idle", tid), undefined)
  assert.is(ioClass.read(tid), "idle")
  assert.match(execFileSync("ionice", ["-p", String(tid)], { encoding: "utf8" }), "idle")
  assert.is(ioClass.write(before, tid), undefined)
  assert.is(ioClass.read(tid), before)
})

onLinux("the score of the out-of-memory killer can be raised by anybody", () => {
  const before = oomScore.read(0)!
  assert.is(oomScore.write(before + 5, 0), undefined)
  assert.is(readFileSync("/proc/self/oom_score_adj", "utf8").trim(), String(before + 5))
  oomScore.write(before, 0)
  assert.match(oomScore.write(5000, 0)!.text, "refuses 5000 (EINVAL)")
})

onLinux("huge pages are taken from this process and given back", () => {
  const before = hugePages.read(0)!
  assert.is(hugePages.write("never", 0), undefined)
  assert.match(readFileSync("/proc/self/status", "utf8"), /^THP_enabled:\s*0$/m)
  assert.is(hugePages.read(0), "never")
  assert.is(hugePages.write(before, 0), undefined)
  assert.is(hugePages.read(0), before)
})

onLinux("the calling thread's timer slack is set without privilege, and 0 is the default again", () => {
  const before = ownTimerSlack.read(0)!
  assert.is(ownTimerSlack.write(1, 0), undefined)
  assert.is(ownTimerSlack.read(0), 1)
  ownTimerSlack.write(0, 0)
  assert.is(ownTimerSlack.read(0), before)
})

const asRoot = testUnless(
  dmaLatency.write(100, 0) === undefined && dmaLatency.write(-1, 0) === undefined
    ? undefined
    : "/dev/cpu_dma_latency is not there, or may not be opened",
)

asRoot("the wish of a latency holds as long as its file is open", () => {
  const holds = (): boolean => readdirSync("/proc/self/fd").some((fd) => linkOf(fd) === "/dev/cpu_dma_latency")
  assert.is(dmaLatency.read(0), -1)
  assert.is(dmaLatency.write(7, 0), undefined)
  assert.equal([dmaLatency.read(0), holds()], [7, true])
  assert.is(dmaLatency.write(0, 0), undefined)
  assert.is(dmaLatency.read(0), 0)
  dmaLatency.write(-1, 0)
  assert.equal([dmaLatency.read(0), holds()], [-1, false])
})

test("where no processor sleeps a latency is a placebo", () => {
  assert.match(dmaLatencyPlacebo("/no/such/file")!, "placebo")
})

const asNobody = testUnless(ordinaryUserObstacle(fileURLToPath(import.meta.url)))

asNobody("an ordinary user is told what each takes, and nothing has changed", () => {
  const code = `
    const load = (name) => import(${JSON.stringify(new URL("../../../core/os/", import.meta.url).href)} + name)
    const [settings, dma, pages] = [await load("settings.js"), await load("dma-latency.js"), await load("page-care.js")]
    const said = [
      settings.nice.write(-5, process.pid), settings.ioClass.write("realtime", process.pid),
      settings.oomScore.write(settings.oomScore.read(0) - 1, 0), dma.dmaLatency.write(0, 0),
      { state: "needs_privilege", text: pages.lockPages(new Uint8Array(1 << 20)) },
    ]
    console.log(JSON.stringify({ said, nice: settings.nice.read(process.pid), locked: pages.lockedKib() }))`
  const [program, ...words] = [...AS_ORDINARY_USER, process.execPath, "--input-type=module", "-e", code]
  const told = JSON.parse(execFileSync(program, words, { encoding: "utf8" }))
  const NEEDS = [
    /CAP_SYS_NICE/,
    /CAP_SYS_NICE/,
    /CAP_SYS_RESOURCE/,
    /root alone/,
    /ENOMEM.*CAP_IPC_LOCK.*ulimit -l.*65536/,
  ]
  for (const [index, refusal] of told.said.entries()) {
    assert.is(refusal.state, index === 3 && refusal.state === "unavailable" ? "unavailable" : "needs_privilege")
    if (refusal.state !== "unavailable") assert.match(refusal.text, NEEDS[index])
  }
  // What started the tests may have made them nice.
  assert.equal([told.nice, told.locked], [getPriority(), 0])
})

test.run()

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
