import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { formatScheduling, ORDINARY, setScheduling } from "../../../core/os/policy.js"
import { limitRealtime } from "../../../core/os/realtime-limit.js"
import { readThread } from "../../../core/os/threads.js"
import { AS_ORDINARY_USER, ordinaryUserObstacle } from "../../support/ordinary-user.js"
import { realtimeObstacle } from "../../support/realtime.js"
import { testUnless } from "../../support/skip.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "policies are Linux's")
const withRealtime = testUnless(realtimeObstacle())

async function withWorker(body: (tid: number) => void): Promise<void> {
  const url = new URL("../../../core/os/threads.js", import.meta.url).href
  const code = `import(${JSON.stringify(url)}).then(({ currentTid }) => require("node:worker_threads").parentPort.postMessage(currentTid())); setInterval(() => {}, 1000)`
  const worker = new Worker(code, { eval: true })
  try {
    const [tid] = (await once(worker, "message")) as [number]
    body(tid)
  } finally {
    await worker.terminate()
  }
}

withRealtime(
  "a real-time policy is in force as chrt sees it, nothing that the thread starts inherits it, and it is undone",
  async () => {
    await withWorker((tid) => {
      assert.is(setScheduling(tid, { policy: "fifo", priority: 7 }), undefined)
      const told = execFileSync("chrt", ["-p", String(tid)], { encoding: "utf8" })
      assert.match(told, "SCHED_FIFO|SCHED_RESET_ON_FORK")
      assert.match(told, /priority: 7/)
      const { policy, priority } = readThread(tid)!
      assert.is(formatScheduling({ policy, priority }), "fifo 7")
      assert.is(setScheduling(tid, ORDINARY), undefined)
      assert.match(execFileSync("chrt", ["-p", String(tid)], { encoding: "utf8" }), /SCHED_OTHER\n/)
    })
  },
)

onLinux("the lowest of all policies takes no privilege", async () => {
  await withWorker((tid) => {
    assert.is(setScheduling(tid, { policy: "idle", priority: 0 }), undefined)
    assert.is(readThread(tid)?.policy, "idle")
    assert.is(readThread(process.pid)?.policy, "other")
  })
})

onLinux("what cannot be is told in a sentence", () => {
  assert.match(setScheduling(process.pid, { policy: "fifo", priority: 100 })!, "from 1 to 99")
  assert.match(setScheduling(2 ** 22 + 1, ORDINARY)!, "is gone")
})

const asNobody = testUnless(ordinaryUserObstacle(fileURLToPath(import.meta.url)))

asNobody("an ordinary user is told which capability or limit a real-time policy takes", () => {
  const url = new URL("../../../core/os/policy.js", import.meta.url).href
  const code = `import(${JSON.stringify(url)}).then(({ setScheduling }) => console.log(setScheduling(process.pid, { policy: "rr", priority: 3 })))`
  const [program, ...words] = [...AS_ORDINARY_USER, process.execPath, "-e", code]
  const told = execFileSync(program, words, { encoding: "utf8" })
  assert.match(told, "CAP_SYS_NICE")
  assert.match(told, "real-time priority of 3 or more (ulimit -r")
})

onLinux("the limit of real-time run time is set and lifted again", () => {
  const { before } = limitRealtime(200_000n)
  assert.equal(limitRealtime(before), { before: 200_000n })
})

test.run()
