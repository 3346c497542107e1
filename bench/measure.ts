import v8 from "node:v8"
import { SystemClock } from "../core/hot/clock.js"
import { bytesPerCall } from "../test/support/allocation.js"

/**
 * Measures one way of doing a thing beside others, in the same run. Machines have speed states and neighbours, so a
 * figure in nanoseconds swings from run to run: all subjects take turns, block by block, and the ratio is taken
 * between blocks that lie next to each other. Subjects are fed varied data; the same message again and again would
 * flatter every one of them.
 */
export interface Subject {
  name: string
  /** Does operation number `operation`. The number only ever grows: use it to choose the input. */
  run(operation: number): void
  /** Makes ready what operations `first` to `end` need, before them and outside of the measurement. */
  before?(first: number, end: number): void
  /** Takes away what these operations have left. */
  after?(first: number, end: number): void
  /** Ends what would keep the process. */
  dispose?(): unknown
}

export interface BenchCase {
  name: string
  run(options: BenchOptions): BenchRow[] | Promise<BenchRow[]>
}

export interface BenchOptions {
  /** A look in a second or two, when the shape of the figures is all that is wanted. */
  quick: boolean
}

export interface BenchRow {
  case: string
  subject: string
  operation: string
  p50Ns: number
  p99Ns: number
  /** Where the longest of all is part of the answer. */
  maxNs?: number
  /** Null where it cannot be told. */
  bytes: number | null
  /** How many times as long as the first subject, which is VeloZ's own. */
  ratio: number
}

export interface Comparison {
  name: string
  /** What one operation is, in two or three words. */
  operation: string
  /** Makes the input and the subjects, VeloZ's own first, and asserts that they do the same work. */
  prepare(): readonly Subject[] | Promise<readonly Subject[]>
  /** Operations between two looks at the clock, which itself takes about 100 ns. */
  batch?: number
}

/** A case of functions that return at once. */
export function compare(comparison: Comparison): BenchCase {
  return { name: comparison.name, run: (options) => runComparison(comparison, options) }
}

/** Samples of one way of doing a thing, block by block: those of all ways with one number lie next to each other. */
export type Blocks = readonly (readonly number[])[]

/** Rows from samples that a case took by itself: round trips, for example. The first way is VeloZ's own. */
export function rowsFromBlocks(name: string, operation: string, blocksNs: ReadonlyMap<string, Blocks>): BenchRow[] {
  const [own] = blocksNs.values()
  return [...blocksNs].map(([subject, blocks]) => ({
    case: name,
    subject,
    operation,
    ...figuresOf(blocks, own),
    bytes: null,
  }))
}

const WARM_UP_MS = 150
const QUICK = { blocks: 6, batchesPerBlock: 60 }
const FULL = { blocks: 40, batchesPerBlock: 250 }

async function runComparison(comparison: Comparison, options: BenchOptions): Promise<BenchRow[]> {
  const { blocks, batchesPerBlock } = options.quick ? QUICK : FULL
  const runs = (await comparison.prepare()).map((subject) => new SubjectRun(subject, comparison.batch ?? 64))
  for (const run of runs) run.warmUp(options.quick ? WARM_UP_MS / 3 : WARM_UP_MS)
  for (let block = 0; block < blocks; block++) {
    for (const run of runs) run.measureBlock(batchesPerBlock)
  }
  const rows = runs.map((run) => rowOf(comparison, run, runs[0]))
  for (const { subject } of runs) await subject.dispose?.()
  return rows
}

function rowOf(comparison: Comparison, run: SubjectRun, own: SubjectRun): BenchRow {
  return {
    case: comparison.name,
    subject: run.subject.name,
    operation: comparison.operation,
    ...figuresOf(run.blocksNs, own.blocksNs),
    bytes: run.bytesPerOperation(),
  }
}

/** The ratio is the median of those between blocks that lie next to each other. */
function figuresOf(blocksNs: Blocks, own: Blocks): Pick<BenchRow, "p50Ns" | "p99Ns" | "ratio"> {
  const sorted = ascending(blocksNs.flat())
  const ratios = blocksNs.map((block, index) => median(block) / median(own[index]))
  return { p50Ns: percentile(sorted, 50), p99Ns: percentile(sorted, 99), ratio: median(ratios) }
}

/** One subject, its place in the input, and what was measured so far. */
class SubjectRun {
  readonly blocksNs: number[][] = []
  readonly #clock = new SystemClock()
  #next = 0

  constructor(
    readonly subject: Subject,
    private readonly batch: number,
  ) {}

  warmUp(milliseconds: number): void {
    const end = this.#clock.nowNs() + milliseconds * 1e6
    while (this.#clock.nowNs() < end) this.#runBatch()
  }

  measureBlock(batches: number): void {
    this.blocksNs.push(Array.from({ length: batches }, () => this.#runBatch() / this.batch))
  }

  bytesPerOperation(): number {
    const { subject } = this
    if (subject.before !== undefined || subject.after !== undefined) return this.#bytesOfBatches()
    const first = this.#next
    const options = { warmUpCalls: 2_000, blockCalls: 500, blocks: 16 }
    return bytesPerCall((i) => subject.run((this.#next = first + i)), options)
  }

  // What lies around the operations allocates too, so the heap is looked at right before and right behind them. A heap
  // that has shrunk was collected in between, and what compilers add in the background is not in every batch.
  #bytesOfBatches(): number {
    let smallest = Number.POSITIVE_INFINITY
    for (let i = 0; i < HEAP_BATCHES; i++) {
      const growth = this.#runBetween(usedHeap)
      if (growth >= 0 && growth < smallest) smallest = growth
    }
    return Math.max(0, smallest - growthOfNothing()) / this.batch
  }

  /** Returns how long a batch took. */
  #runBatch(): number {
    return this.#runBetween(this.#now)
  }

  /** Runs a batch and returns by how much a reading has grown meanwhile. */
  #runBetween(read: () => number): number {
    const { subject } = this
    const first = this.#next
    const end = first + this.batch
    this.#next = end
    subject.before?.(first, end)
    const before = read()
    for (let operation = first; operation < end; operation++) subject.run(operation)
    const growth = read() - before
    subject.after?.(first, end)
    return growth
  }

  readonly #now = (): number => this.#clock.nowNs()
}

const HEAP_BATCHES = 200

function usedHeap(): number {
  return v8.getHeapStatistics().used_heap_size
}

/** What looking at the heap allocates by itself. */
function growthOfNothing(): number {
  const growths = Array.from({ length: HEAP_BATCHES }, () => -usedHeap() + usedHeap())
  return Math.min(...growths.filter((growth) => growth >= 0))
}

function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b)
}

function median(values: readonly number[]): number {
  return percentile(ascending(values), 50)
}

function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)]
}
