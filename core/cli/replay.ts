import { Counters } from "../hot/counters.js"
import { formatTrimmed, type Unit, unitOf } from "../hot/decimal.js"
import type { BookView, Log, Plugin, VenueAdapter } from "../kernel/contract.js"
import { definePlugin } from "../kernel/define-plugin.js"
import { recordingSymbolError, recordingUselessError, stepSizeError } from "../kernel/errors.js"
import { ENGINE_COUNTERS } from "../pipeline/engine-counters.js"
import type { CliEnvironment } from "./environment.js"
import { LineWriter } from "./line-writer.js"
import {
  bareSymbol,
  CommandPluginLoader,
  createOfflineEngine,
  type OfflineEngine,
  shippedPlugin,
} from "./offline-engine.js"
import { BLANK, type Block, NOT_A_MESSAGE, openRecording, type Recording } from "./recording.js"

export interface ReplayOptions {
  readonly file: string
  /** Print the best bid and ask after each depth update that the book took. */
  readonly printTop: boolean
  /** Without it, the first symbol that the recording names. */
  readonly symbol: string | undefined
  readonly tick: string
  readonly lot: string
  readonly log: Log
}

/**
 * Sends a recording through the market path, as fast as it goes: the adapter decodes each message, the book takes it,
 * and whoever listens to the book is told, as when it comes from the venue. The last line is a summary.
 */
export async function replay(options: ReplayOptions, environment: CliEnvironment): Promise<number> {
  const { file, log } = options
  const units = { tick: stepOf("--tick", options.tick), lot: stepOf("--lot", options.lot) }
  const recording = await openRecording(file)
  const symbol = symbolOf(recording, options)
  const output = new LineWriter(environment.stdout)
  const offline = await startEngine(symbol, options, options.printTop ? topPrinter(output, units) : undefined)
  try {
    const run = new Run(offline, file, log)
    await run.feed(recording, output, environment.signal)
    const summary = run.summary()
    output.write(summary)
    await output.flush()
    if (run.applied === 0) throw recordingUselessError(file, symbol, summary.messages, summary.bad_lines)
    if (!offline.engine.market.books[0].isLive) log.warn(NOT_LIVE)
    return 0
  } finally {
    await offline.engine.stop(0)
  }
}

/** The plugins that a market path is made of: who composes it, and who decodes what the venue sends. */
const MARKET_PLUGINS = ["market-data", "binance"]
const OBSERVER = "replay"
/** A file that is something else altogether does not fill the screen. */
const REPORTS = 10
const NOT_LIVE = "at the end the book was not live: the recording has no whole depth that its updates continue"

function symbolOf({ symbols }: Recording, { file, symbol, log }: ReplayOptions): string {
  if (symbol === undefined) {
    if (symbols.length === 0) throw recordingSymbolError(file)
    return symbols[0]
  }
  if (symbols.length > 0 && !symbols.includes(symbol)) {
    log.warn(`the beginning of ${file} is about ${symbols.join(", ")}, and does not name ${symbol}`)
  }
  return symbol
}

async function startEngine(
  symbol: string,
  { tick, lot, log }: ReplayOptions,
  observer: Plugin | undefined,
): Promise<OfflineEngine> {
  const loader = new CommandPluginLoader(observer === undefined ? {} : { [OBSERVER]: observer })
  const onFault = (error: Error): void => {
    throw error
  }
  const offline = createOfflineEngine({ symbols: [bareSymbol(symbol, 0, tick, lot)], loader, log, onFault })
  const plugins = await Promise.all(MARKET_PLUGINS.map((name) => shippedPlugin(name, loader)))
  if (observer !== undefined) plugins.push({ ...plugins[0], name: OBSERVER, options: {} })
  offline.engine.prepare({ generation: 1, plugins })
  offline.engine.commit()
  return offline
}

/** A plugin of this command: it stands on the hook that every plugin can tap. */
function topPrinter(output: LineWriter, units: Units): Plugin {
  return definePlugin({
    name: OBSERVER,
    version: "1.0.0",
    veloz: "^1.0.0",
    engine({ market }) {
      market.booked.tap("print", (book) => output.write(topOf(book, units)))
    },
  }) as Plugin
}

interface Units {
  readonly tick: Unit
  readonly lot: Unit
}

function topOf(book: BookView, { tick, lot }: Units): object {
  const { bidCount, askCount } = book
  return {
    u: book.updateId,
    bid: bidCount === 0 ? null : formatTrimmed(book.bidTicks(0), tick),
    bidQty: bidCount === 0 ? null : formatTrimmed(book.bidLots(0), lot),
    ask: askCount === 0 ? null : formatTrimmed(book.askTicks(0), tick),
    askQty: askCount === 0 ? null : formatTrimmed(book.askLots(0), lot),
  }
}

/** One recording on its way through an engine. */
class Run {
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
    this.#counters = new Counters(offline.memory.counters, Object.values(ENGINE_COUNTERS))
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

function stepOf(option: string, text: string): Unit {
  try {
    return unitOf(text)
  } catch {
    throw stepSizeError(option, text)
  }
}
