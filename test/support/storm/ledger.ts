/** What is numbered, each kind from 1 on. */
export const Sequence = { Trade: 0, Top: 1, Depth: 2, Order: 3, Ack: 4, Fill: 5 } as const

/**
 * The stations that each kind passes, in this order. Where nobody may conflate, every number passes every station once,
 * and all of its stations belong to one generation.
 */
export const STATIONS: readonly (readonly string[])[] = [
  ["network", "engine", "strategy"],
  ["network", "engine", "strategy, newest"],
  ["network", "engine", "book", "strategy, newest"],
  ["strategy", "risk", "encoded", "flushed", "sent"],
  ["network", "engine", "strategy"],
  ["network", "engine", "strategy"],
]

/** What can be wrong with a number at a station. */
const FLAWS = [
  "lost or doubled",
  "handled by a part that was not in force",
  "handled by two generations",
  "handled with options of two generations",
  "handled by an older generation than the number before",
  "refused",
] as const
export const Flaw = { Order: 0, Gone: 1, Mixed: 2, Torn: 3, Back: 4, Refused: 5 } as const

export interface LedgerReading {
  /** How many numbers have passed each station, by kind. */
  readonly counts: readonly (readonly number[])[]
  /** The last of them. */
  readonly last: readonly (readonly number[])[]
  readonly flaws: number
  /** The first flaw, in words. */
  readonly first: string | undefined
  /** Parts that were made and not disposed of, by role. */
  readonly parts: Readonly<Record<StormRole, number>>
}

export const ROLES = ["network", "engine", "strategy"] as const
export type StormRole = (typeof ROLES)[number]

const KINDS = STATIONS.length
const MAX_STATIONS = 8
/** More than can be on its way at once. */
const MARKS = 1 << 18
const PROBES = 8192
const Cell = { Number: 0, Mark: 1, Count: 2 } as const
const CELLS = 8
const Word = { Flaws: 0, IsTold: 1, Probe: 2, BusyUs: 4, StallUs: 8 } as const

/**
 * The book that all threads keep of numbered records: one writer a station. A number that is not the next one, or of
 * which two stations belong to different generations, is a flaw.
 */
export class Ledger {
  readonly #words: Int32Array
  readonly #first: Float64Array
  readonly #stations: Float64Array
  readonly #parts: Float64Array
  readonly #marks: Int32Array
  readonly #probes: Float64Array
  readonly #lastNs = new Float64Array(1)

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(BYTES)
  }

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, 16)
    this.#first = new Float64Array(memory, 64, 8)
    this.#parts = new Float64Array(memory, 128, 2 * ROLES.length)
    this.#stations = new Float64Array(memory, STATIONS_OFFSET, KINDS * MAX_STATIONS * CELLS)
    this.#probes = new Float64Array(memory, PROBES_OFFSET, PROBES)
    this.#marks = new Int32Array(memory, MARKS_OFFSET, KINDS * MARKS)
  }

  /** The last number that passed a station. */
  last(kind: number, station: number): number {
    return this.#stations[cellOf(kind, station)]
  }

  count(kind: number, station: number): number {
    return this.#stations[cellOf(kind, station) + Cell.Count]
  }

  /** A number passes a station of its way, in the generation with this mark. The first station marks it. */
  pass(kind: number, station: number, number: number, mark: number): void {
    const cells = this.#stations
    const at = cellOf(kind, station)
    if (number !== cells[at] + 1) this.flaw(Flaw.Order, kind, station, number, cells[at] + 1)
    this.#enter(kind, station, number, mark)
  }

  /** The same where those that were overtaken are left out, and the newest may be told again. */
  passNewest(kind: number, station: number, number: number, mark: number): void {
    const at = cellOf(kind, station)
    if (number < this.#stations[at]) this.flaw(Flaw.Order, kind, station, number, this.#stations[at])
    this.#enter(kind, station, number, mark)
  }

  #enter(kind: number, station: number, number: number, mark: number): void {
    const cells = this.#stations
    const at = cellOf(kind, station)
    const markAt = kind * MARKS + (number & (MARKS - 1))
    if (mark < cells[at + Cell.Mark]) this.flaw(Flaw.Back, kind, station, mark, cells[at + Cell.Mark])
    if (station === 0) this.#marks[markAt] = mark
    else if (this.#marks[markAt] !== mark) this.flaw(Flaw.Mixed, kind, station, mark, this.#marks[markAt])
    cells[at] = number
    cells[at + Cell.Mark] = mark
    cells[at + Cell.Count] += 1
  }

  /** A number did not set out after all. */
  takeBack(kind: number): void {
    this.#stations[cellOf(kind, 0)] -= 1
    this.#stations[cellOf(kind, 0) + Cell.Count] -= 1
  }

  flaw(flaw: number, kind: number, station: number, found: number, expected: number): void {
    Atomics.add(this.#words, Word.Flaws, 1)
    const isFirst = Atomics.compareExchange(this.#words, Word.IsTold, 0, 1) === 0
    if (isFirst) this.#first.set([flaw, kind, station, found, expected])
  }

  get flaws(): number {
    return Atomics.load(this.#words, Word.Flaws)
  }

  partMade(role: StormRole): void {
    this.#parts[2 * ROLES.indexOf(role)] += 1
  }

  partDisposed(role: StormRole): void {
    this.#parts[2 * ROLES.indexOf(role) + 1] += 1
  }

  // ---- how long things take

  /** From now on a role takes so long over each record. */
  slow(role: StormRole, busyUs: number): void {
    Atomics.store(this.#words, Word.BusyUs + ROLES.indexOf(role), busyUs)
  }

  /** The next record of a role takes so long. */
  stall(role: StormRole, stallUs: number): void {
    Atomics.store(this.#words, Word.StallUs + ROLES.indexOf(role), stallUs)
  }

  /** A role has met the record that it was to stall over. */
  isStalling(role: StormRole): boolean {
    return Atomics.load(this.#words, Word.StallUs + ROLES.indexOf(role)) === 0
  }

  /** How long a role is to take over the record in hand, in us. */
  takeDelay(roleIndex: number): number {
    const words = this.#words
    const stallUs = words[Word.StallUs + roleIndex]
    if (stallUs > 0) Atomics.store(words, Word.StallUs + roleIndex, 0)
    return stallUs + words[Word.BusyUs + roleIndex]
  }

  /** From now on the strategy's times count for this probe. */
  probe(index: number): void {
    Atomics.store(this.#words, Word.Probe, index)
  }

  /** The strategy has handled a trade. */
  handled(nowNs: number): void {
    const at = Atomics.load(this.#words, Word.Probe)
    const gapNs = nowNs - (this.#lastNs[0] || nowNs)
    this.#lastNs[0] = nowNs
    if (gapNs > this.#probes[at]) this.#probes[at] = gapNs
  }

  /** The longest gap between two trades that the strategy handled while each probe was set. */
  readGapsNs(): number[] {
    const probes = Atomics.load(this.#words, Word.Probe) + 1
    return Array.from({ length: probes }, (_, index) => this.#probes[index])
  }

  read(): LedgerReading {
    const of = (index: number): number => this.#parts[2 * index] - this.#parts[2 * index + 1]
    const each = (read: (kind: number, station: number) => number): number[][] =>
      STATIONS.map((stations, kind) => stations.map((_, station) => read(kind, station)))
    return {
      counts: each((kind, station) => this.count(kind, station)),
      last: each((kind, station) => this.last(kind, station)),
      flaws: this.flaws,
      first: this.flaws === 0 ? undefined : this.#describe(),
      parts: { network: of(0), engine: of(1), strategy: of(2) },
    }
  }

  #describe(): string {
    const [flaw, kind, station, found, expected] = this.#first
    const name = Object.keys(Sequence)[kind]
    return `${name} at ${STATIONS[kind][station]}: ${FLAWS[flaw]} (${found}, expected ${expected})`
  }
}

const cellOf = (kind: number, station: number): number => (kind * MAX_STATIONS + station) * CELLS

const STATIONS_OFFSET = 256
const PROBES_OFFSET = STATIONS_OFFSET + KINDS * MAX_STATIONS * CELLS * 8
const MARKS_OFFSET = PROBES_OFFSET + PROBES * 8
const BYTES = MARKS_OFFSET + KINDS * MARKS * 4
