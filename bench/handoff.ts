import { once } from "node:events"
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads"
import { SystemClock } from "../core/hot/clock.js"
import { RingBuffer } from "../core/hot/ring.js"
import { type CpuTopology, readCpuTopology } from "../core/os/cpus.js"
import type { Series, SideData } from "./handoff-side.js"

const RING_BYTES = 1 << 20

/** Two threads with a ring in between, each pinned to a CPU of its own. */
export interface Handoff {
  readonly cpus: readonly number[]
  /** Runs a series and returns its samples, in nanoseconds. */
  measure(series: Omit<Series, "samples">, sampleCount: number): Promise<number[]>
  close(): Promise<void>
}

/** Undefined on a machine with one CPU, where one thread cannot see what the other does meanwhile. */
export async function startHandoff(): Promise<Handoff | undefined> {
  const cpus = cpusForTwo(readCpuTopology())
  if (cpus.length < 2) {
    console.error("there is no handoff to measure: one CPU is usable")
    return undefined
  }
  const { port1, port2 } = new MessageChannel()
  const common = {
    baseSeconds: new SystemClock().baseSeconds,
    memory: new SharedArrayBuffer(RingBuffer.bytesFor(RING_BYTES)),
    words: new Int32Array(new SharedArrayBuffer(8)),
  }
  const sender = await startSide({ ...common, side: "sender", cpu: cpus[0], port: port1 })
  const receiver = await startSide({ ...common, side: "receiver", cpu: cpus[1], port: port2 })
  return {
    cpus,
    async measure(series, sampleCount) {
      const samples = new Float64Array(new SharedArrayBuffer(8 * sampleCount))
      receiver.postMessage({ ...series, samples })
      await once(receiver, "message")
      const done = once(receiver, "message")
      sender.postMessage({ ...series, samples })
      await done
      return [...samples]
    },
    close: async () => void (await Promise.all([sender.terminate(), receiver.terminate()])),
  }
}

/** Of two threads on one core each would slow the other, and two caches are further apart than one. */
function cpusForTwo({ usable, cores, caches }: CpuTopology): readonly number[] {
  const apart = cores.map((core) => usable.find((cpu) => core.includes(cpu))).filter((cpu) => cpu !== undefined)
  const near = caches.map((cache) => apart.filter((cpu) => cache.includes(cpu)))
  return [...near, apart].find(({ length }) => length > 1) ?? usable
}

async function startSide(workerData: SideData & { port: MessagePort }): Promise<Worker> {
  const url = new URL("./handoff-side.js", import.meta.url)
  const worker = new Worker(url, { workerData, transferList: [workerData.port] })
  await once(worker, "message")
  return worker
}
