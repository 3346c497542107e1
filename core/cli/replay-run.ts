import { Counters } from "../hot/counters.js"
import { BLANK, type Block, NOT_A_MESSAGE, type Recording } from "../io/recording.js"
import type { Log, VenueAdapter } from "../kernel/contract.js"
import { ENGINE_COUNTERS } from "../pipeline/engine-counters.js"
import type { LineWriter } from "./line-writer.js"
import type { OfflineEngine } from "./offline-engine.js"

/** One recording on its way through an engine. */
export class ReplayRun {
  #messages = 0
  #badLines = 0
  #reports = 0
  #seconds = 0
  #isLive = false
  readonly #adapter: VenueAdapter
  readonly #counters: Counters

  constructor(
    private readonly offline: OfflineEngine,
    private readonly file: string,
    private readonly log: Log,
  ) {
    this.#adapter = offline.engine.network.adapter!
    // The engine gives its own counters the first slots, in this order.
    this.#counters = new Counters(offline.memory.metrics[0].counters, Object.values(ENGINE_COUNTERS))
  }

  /** Events of the recording that the engine took. */
  get applied(): number {
    return this.#count("bookUpdates") + this.#count("topUpdates") + this.#count("trades")
  }

  async feed(recording: Recording, output: LineWriter, signal: AbortSignal): Promise<void> {
    const { clock } = this.offline
    const startedNs = clock.nowNs()
    for await (const block of recording.blocks()) {
      this.#feedBlock(block)
      await output.flush()
      if (signal.aborted || output.isClosed) break
    }
    this.#seconds = (clock.nowNs() - startedNs) / 1e9
  }

  summary() {
    return {
      messages: this.#messages,
      seconds: Number(this.#seconds.toFixed(6)),
      messages_per_second: Math.round(this.#messages / this.#seconds),
      depth_updates: this.#count("bookUpdates"),
      gaps: this.#count("gaps"),
      bad_lines: this.#badLines,
    }
  }

  #feedBlock({ bytes, firstLine, offsets, lengths }: Block): void {
    const { engine, clock } = this.offline
    const book = engine.market.books[0]
    for (let i = 0; i < offsets.length; i += 1) {
      const offset = offsets[i]
      if (offset === BLANK) continue
      if (offset === NOT_A_MESSAGE) {
        this.#report(firstLine + i, "it is not nanoseconds, a space and a message")
        continue
      }
      this.#messages += 1
      const isRead = this.#adapter.replay(bytes, offset, lengths[i], clock.nowNs())
      engine.endTurn()
      if (!isRead) this.#report(firstLine + i, "the adapter cannot read its message, or not in whole ticks and lots")
      if (this.#isLive !== book.isLive) this.#onLive(book.isLive, firstLine + i)
    }
  }

  #report(line: number, fault: string): void {
    this.#badLines += 1
    this.#say(`line ${line} of ${this.file} is passed over: ${fault}`)
  }

  #onLive(isLive: boolean, line: number): void {
    this.#isLive = isLive
    if (isLive) return
    this.#say(`from line ${line} of ${this.file} on the book waits for a whole depth: updates before it are missing`)
  }

  #say(text: string): void {
    this.#reports += 1
    if (this.#reports <= REPORTS) this.log.warn(text)
    if (this.#reports === REPORTS) this.log.warn("more of this is counted and not printed")
  }

  #count(name: keyof typeof ENGINE_COUNTERS): number {
    return this.#counters.get(this.#counters.slot(ENGINE_COUNTERS[name]))
  }
}

/** A file that is something else altogether does not fill the screen. */
const REPORTS = 10
