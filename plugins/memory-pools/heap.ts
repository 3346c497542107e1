import v8 from "node:v8"
import { resourceLimits, threadId } from "node:worker_threads"
import type { Channel } from "veloz"

// Each thread has a heap of its own, which it alone can read. Roles may share a thread, so an answer names both.

export const HOT_ROLES = ["network", "engine", "strategy"] as const
export type HotRole = (typeof HOT_ROLES)[number]

export interface HeapQuestion {
  /** Names the question in its answers. */
  readonly question: number
}

export interface HeapReading {
  readonly threadId: number
  /** What V8 has reserved for objects, and what objects take of it. */
  readonly totalBytes: number
  readonly usedBytes: number
  /** Array buffers, and what V8 and native code allocate for themselves. */
  readonly outsideBytes: number
  /** The most that the semi-space of the heap may take; undefined where V8 decides. */
  readonly semiSpaceMb: number | undefined
}

export interface HeapAnswer extends HeapQuestion {
  readonly role: HotRole
  readonly heap: HeapReading
}

export function readHeap(): HeapReading {
  const { total_heap_size, used_heap_size, external_memory, malloced_memory } = v8.getHeapStatistics()
  return {
    threadId,
    totalBytes: total_heap_size,
    usedBytes: used_heap_size,
    outsideBytes: external_memory + malloced_memory,
    semiSpaceMb: semiSpaceOf(resourceLimits?.maxYoungGenerationSizeMb),
  }
}

/** V8 counts three semi-spaces to the young generation. */
function semiSpaceOf(youngMb: number | undefined): number | undefined {
  return youngMb === undefined ? undefined : Math.round(youngMb / 3)
}

/** The hot side: reads the heap only when somebody asks. */
export function answerHeapQuestions(role: HotRole, channel: Channel): void {
  channel.onMessage((message) => {
    if (isQuestion(message)) channel.post({ question: message.question, role, heap: readHeap() } satisfies HeapAnswer)
  })
}

export function isAnswer(message: unknown): message is HeapAnswer {
  return isQuestion(message) && HOT_ROLES.includes((message as Partial<HeapAnswer>).role!)
}

function isQuestion(message: unknown): message is HeapQuestion {
  return typeof (message as Partial<HeapQuestion> | null)?.question === "number"
}
