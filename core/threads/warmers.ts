import { Worker } from "node:worker_threads"
import { setScheduling } from "../os/policy.js"
import { setThreadName } from "../os/threads.js"
import type { ThreadPins } from "./thread-pins.js"

const NAME = "veloz-warmer"
const HEAP_MB = 8

/**
 * Threads that keep cores from sleeping by burning the time that nobody wants (SCHED_IDLE): a virtual processor that halts
 * takes long to come back. They are threads of this process, so they end with it, kill -9 included.
 */
export class Warmers {
  readonly #tids = new Set<number>()

  constructor(private readonly pins: ThreadPins) {}

  has(tid: number): boolean {
    return this.#tids.has(tid)
  }

  /** One for each core. What is returned ends them. `onRefusal` is told why there is none for a core. */
  keep(cores: readonly number[], onRefusal: (reason: string) => void): () => void {
    const undos = cores.map((core) => this.#start(core, onRefusal))
    return () => {
      for (const undo of undos) undo()
    }
  }

  #start(core: number, onRefusal: (reason: string) => void): () => void {
    const worker = new Worker(new URL("./warmer-thread.js", import.meta.url), {
      name: NAME,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 1 },
    })
    let tid: number | undefined
    let isOver = false
    const end = (): void => {
      isOver = true
      if (tid !== undefined) this.#tids.delete(tid)
      void worker.terminate()
    }
    worker.once("error", (error) => onRefusal(`the warmer of CPU ${core} ended: ${error.message}`))
    worker.once("message", (told: number | undefined) => {
      if (isOver || told === undefined) return
      tid = told
      this.#tids.add(tid)
      setThreadName(tid, NAME)
      // Until it has the lowest of all policies it must not run.
      const reason = setScheduling(tid, { policy: "idle", priority: 0 }) ?? this.pins.pin(tid, [core]).reason
      if (reason === undefined) return worker.postMessage("go")
      onRefusal(`CPU ${core} has no warmer: ${reason}`)
      end()
    })
    worker.unref()
    return end
  }
}
