import { defaultsOf, shippedSchemas } from "../config/schemas.js"
import { formatTrimmed, type Unit, unitOf } from "../hot/decimal.js"
import type { BookView, Log, Plugin, VenueAdapter } from "../kernel/contract.js"
import { definePlugin } from "../kernel/define-plugin.js"
import { recordingSymbolError, stepSizeError } from "../kernel/errors.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { EngineMetrics } from "../measure/engine-metrics.js"
import type { CliEnvironment } from "./environment.js"
import { bareSymbol, CommandPluginLoader, createOfflineEngine, type OfflineEngine } from "./offline-engine.js"
import { openRecording, type Recording } from "./recording.js"

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
  const recording = await openRecording(options.file)
  const symbol = options.symbol ?? recording.symbol
  if (symbol === undefined) throw recordingSymbolError(options.file)
  const output = new LineWriter(environment.stdout)
  const { tick, lot } = { tick: stepOf("--tick", options.tick), lot: stepOf("--lot", options.lot) }
  const observer = options.printTop ? topPrinter(output, tick, lot) : undefined
  const { offline, metrics } = await prepareEngine(symbol, options, observer)
  const summary = await feed(recording, offline, output, environment.signal)
  const counter = (name: string): number => metrics.counter(name)
  output.write({
    ...summary,
    depth_updates: counter("book_updates"),
    gaps: counter("book_gaps"),
    malformed: counter("binance.market_malformed"),
  })
  await output.flush()
  return 0
}

const VENUE_ADAPTER = "binance"
const OBSERVER = "replay"

async function prepareEngine(symbol: string, { tick, lot, log }: ReplayOptions, observer: Plugin | undefined) {
  const loader = new CommandPluginLoader(observer === undefined ? {} : { [OBSERVER]: observer })
  const symbols = [bareSymbol(symbol, 0, tick, lot)]
  const onFault = (error: Error): void => {
    throw error
  }
  const offline = createOfflineEngine({ symbols, loader, log, onFault })
  const { source } = await new PluginSources(loader).find(VENUE_ADAPTER, process.cwd())
  const schema = (await shippedSchemas()).plugins.get(VENUE_ADAPTER)
  const options = (schema === undefined ? {} : defaultsOf(schema)) as Record<string, unknown>
  const adapter = { name: VENUE_ADAPTER, action: "remake", options, source } as const
  const watcher = { name: OBSERVER, action: "remake", options: {}, source } as const
  const plugins = observer === undefined ? [adapter] : [adapter, watcher]
  const prepared = offline.engine.prepare({ generation: 1, plugins })
  const metrics = new EngineMetrics(offline.memory, () => [])
  metrics.learn(prepared.metrics)
  offline.engine.commit()
  return { offline, metrics }
}

/** A plugin of this command: it stands on the hook that every plugin can tap. */
function topPrinter(output: LineWriter, tick: Unit, lot: Unit): Plugin {
  return definePlugin({
    name: OBSERVER,
    version: "1.0.0",
    veloz: "^1.0.0",
    engine({ market }) {
      market.booked.tap("print", (book) => output.write(topOf(book, tick, lot)))
    },
  }) as Plugin
}

function topOf(book: BookView, tick: Unit, lot: Unit): object {
  const { bidCount, askCount } = book
  return {
    u: book.updateId,
    bid: bidCount === 0 ? null : formatTrimmed(book.bidTicks(0), tick),
    bidQty: bidCount === 0 ? null : formatTrimmed(book.bidLots(0), lot),
    ask: askCount === 0 ? null : formatTrimmed(book.askTicks(0), tick),
    askQty: askCount === 0 ? null : formatTrimmed(book.askLots(0), lot),
  }
}

async function feed(recording: Recording, { engine, clock }: OfflineEngine, output: LineWriter, signal: AbortSignal) {
  const adapter = engine.network.adapter as VenueAdapter
  const startedNs = clock.nowNs()
  let messages = 0
  for await (const block of recording.blocks()) {
    for (let i = 0; i < block.count; i += 1) {
      adapter.replay(block.bytes, block.offsets[i], block.lengths[i], clock.nowNs())
      engine.endTurn()
    }
    messages += block.count
    await output.flush()
    if (signal.aborted) break
  }
  const seconds = (clock.nowNs() - startedNs) / 1e9
  return { messages, seconds: round(seconds, 6), messages_per_second: Math.round(messages / seconds) }
}

function stepOf(option: string, text: string): Unit {
  try {
    return unitOf(text)
  } catch {
    throw stepSizeError(option, text)
  }
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals))
}

/** JSON, a line a value, in few large writes. Waits when the reader is slow. */
class LineWriter {
  #lines: string[] = []

  constructor(private readonly stream: NodeJS.WritableStream) {}

  write(value: object): void {
    this.#lines.push(JSON.stringify(value))
  }

  async flush(): Promise<void> {
    if (this.#lines.length === 0) return
    const text = `${this.#lines.join("\n")}\n`
    this.#lines = []
    await new Promise<void>((resolve, reject) => {
      this.stream.write(text, (error) => (error ? reject(error) : resolve()))
    })
  }
}
