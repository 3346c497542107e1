import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { readCpuTopology } from "../../../core/os/cpus.js"
import * as threads from "../../../core/os/threads.js"
import { testUnless } from "../../support/skip.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "threads are named and bound on Linux only")
const usable = readCpuTopology().usable
const onTwoCpus = testUnless(
  process.platform === "linux" && usable.length > 1 ? undefined : "it takes Linux and two usable CPUs",
)

onLinux("the main thread's id is the process id, and it is among the threads listed", () => {
  assert.is(threads.currentTid(), process.pid)
  assert.ok(threads.listTids().includes(process.pid))
})

onLinux("a worker has an id of its own, and goes by the name that main gives it", async () => {
  await withWorker(async ({ tid }) => {
    assert.is.not(tid, process.pid)
    assert.ok(threads.listTids().includes(tid))
    assert.ok(threads.setThreadName(tid, "engine-main"))
    assert.is(threads.readThread(tid)?.name, "engine-main")
  })
})

onLinux("a name that is longer than the kernel keeps is shortened to 15 bytes", async () => {
  await withWorker(async ({ tid }) => {
    assert.ok(threads.setThreadName(tid, "strategy-worker-number-9"))
    assert.is(threads.readThread(tid)?.name, "strategy-worker")
  })
})

onLinux("a name with brackets and spaces does not upset the reading", async () => {
  await withWorker(async ({ tid }) => {
    threads.setThreadName(tid, ") R 1 (x) 2")
    const sample = threads.readThread(tid)
    assert.is(sample?.name, ") R 1 (x) 2")
    assert.ok(usable.includes(sample?.lastCpu ?? -1))
  })
})

onTwoCpus("pinning binds the thread that is named and no other", async () => {
  await withWorker(async ({ tid }) => {
    const [, second] = usable
    assert.equal(threads.pinThread(tid, [second]), { cpus: [second] })
    assert.equal(threads.readAffinity(tid), [second])
    assert.equal(threads.readThread(tid)?.cpus, [second])
    assert.equal(threads.readAffinity(process.pid), [...usable])
  })
})

onLinux("a CPU that this machine has not is left out, with the reason", async () => {
  await withWorker(async ({ tid }) => {
    const result = threads.pinThread(tid, [usable[0], 8000])
    assert.equal(result.cpus, [usable[0]])
    assert.match(result.reason ?? "", "CPU 8000 is absent")
  })
})

onLinux("a wish that cannot be met changes nothing and says why", async () => {
  await withWorker(async ({ tid }) => {
    const before = threads.readAffinity(tid)
    assert.match(threads.pinThread(tid, [8000]).reason ?? "", "none of the CPUs 8000")
    assert.match(threads.pinThread(tid, []).reason ?? "", "no CPU was named")
    assert.match(threads.pinThread(tid, [1.5]).reason ?? "", "1.5 is not the number of a CPU")
    assert.match(threads.pinThread(tid, [-1]).reason ?? "", "-1 is not the number of a CPU")
    assert.equal(threads.readAffinity(tid), before)
  })
})

onLinux("CPU time grows with work, and switches with sleep", async () => {
  await withWorker(async ({ tid, worker }) => {
    const before = threads.readThread(tid)
    worker.postMessage("work")
    await once(worker, "message")
    const after = threads.readThread(tid)
    assert.ok(before !== undefined && after !== undefined)
    assert.ok(after.cpuTimeMs >= before.cpuTimeMs + 20, `${before.cpuTimeMs} ms, then ${after.cpuTimeMs} ms`)
    assert.ok(after.voluntarySwitches >= before.voluntarySwitches + 5)
    assert.ok(after.runQueueWaitMs >= before.runQueueWaitMs)
  })
})

onLinux("a thread that is gone has no sample, no name and no CPUs", async () => {
  let gone = 0
  await withWorker(async ({ tid }) => {
    gone = tid
  })
  assert.is(threads.readThread(gone), undefined)
  assert.is(threads.setThreadName(gone, "ghost"), false)
  assert.is(threads.readAffinity(gone), undefined)
  assert.match(threads.pinThread(gone, [usable[0]]).reason ?? "", "is gone")
})

test("off Linux nothing is read or bound, and the reason is told", () => {
  // The system is a constant of the process, so another process plays the other system.
  const url = new URL("../../../core/os/threads.js", import.meta.url).href
  const code = `const t = await import(${JSON.stringify(url)})
    Object.defineProperty(process, "platform", { value: "darwin" })
    console.log(JSON.stringify([t.currentTid() ?? null, t.readAffinity(1) ?? null, t.pinThread(1, [0])]))`
  const output = execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" })
  assert.equal(JSON.parse(output), [null, null, { cpus: [], reason: "threads cannot be pinned on darwin" }])
})

test.run()

/** A worker that reports its id, and on a message works for 30 ms of CPU time and sleeps a few times. */
async function withWorker(body: (thread: { tid: number; worker: Worker }) => Promise<void>): Promise<void> {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads")
    const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    parentPort.on("message", () => {
      const threads = workerData.threads
      import(threads).then(({ currentTid, readThread }) => {
        const end = readThread(currentTid()).cpuTimeMs + 30
        while (readThread(currentTid()).cpuTimeMs < end);
        for (let i = 0; i < 10; i++) pause(1)
        parentPort.postMessage("done")
      })
    })
    import(workerData.threads).then(({ currentTid }) => parentPort.postMessage(currentTid()))`
  const url = new URL("../../../core/os/threads.js", import.meta.url).href
  const worker = new Worker(code, { eval: true, workerData: { threads: url } })
  try {
    const [tid] = await once(worker, "message")
    await body({ tid, worker })
  } finally {
    await worker.terminate()
  }
}
