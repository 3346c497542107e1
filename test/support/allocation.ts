import v8 from "node:v8"
import vm from "node:vm"

/**
 * Measures how many bytes of the heap a call allocates, so that "the hot path allocates nothing" is a test.
 *
 * The used heap grows by every allocation until a collection. So: warm up until the optimizing compiler is done,
 * collect, then run short blocks that are too small to cause a collection, and look at the growth of each. Compilers
 * that finish in the background add to some block; a function that allocates adds to every block. The smallest growth
 * of many blocks is therefore what the function itself costs.
 */
export interface AllocationOptions {
  /**
   * Calls before the measurement: so many that compilers, which work beside them, are done on a busy machine too. More of
   * them hide nothing: what a call makes it makes at every call, and what is made once is no matter of the hot path.
   */
  warmUpCalls?: number
  /** Calls a block. Few enough that the young generation is not filled by them. */
  blockCalls?: number
  blocks?: number
}

export function bytesPerCall(call: (iteration: number) => void, options: AllocationOptions = {}): number {
  const { warmUpCalls = 200_000, blockCalls = 2_000, blocks = 40 } = options
  const collect = collector()
  repeat(call, 0, warmUpCalls)
  repeat(nothing, 0, warmUpCalls)
  const all = smallestGrowth(call, warmUpCalls, blockCalls, blocks, collect)
  // Every block was collected in: it allocates so much that fewer calls have to do.
  if (all === undefined) return bytesPerCall(call, { warmUpCalls: 0, blockCalls: Math.ceil(blockCalls / 8), blocks })
  const own = smallestGrowth(nothing, 0, blockCalls, blocks, collect) ?? 0
  return Math.max(0, all - own) / blockCalls
}

/** Below this a block of 2,000 calls has grown by less than one small object a hundred calls. */
export const NO_ALLOCATION = 0.25

function smallestGrowth(
  call: (iteration: number) => void,
  start: number,
  blockCalls: number,
  blocks: number,
  collect: () => void,
): number | undefined {
  let smallest: number | undefined
  for (let block = 0; block < blocks; block++) {
    if (block % 8 === 0) collect()
    const before = v8.getHeapStatistics().used_heap_size
    repeat(call, start + block * blockCalls, blockCalls)
    const growth = v8.getHeapStatistics().used_heap_size - before
    // A heap that has shrunk was collected in between: this block says nothing.
    if (growth >= 0 && (smallest === undefined || growth < smallest)) smallest = growth
  }
  return smallest
}

/** One loop for everything that is measured, called with a varying iteration, as in a duty cycle. */
function repeat(call: (iteration: number) => void, start: number, calls: number): void {
  for (let i = start; i < start + calls; i++) call(i)
}

function nothing(): void {}

/** The collector, without a flag on the command line. */
function collector(): () => void {
  v8.setFlagsFromString("--expose-gc")
  return vm.runInNewContext("gc") as () => void
}
