import { formatTrimmed, type Unit, unitOf } from "../hot/decimal.js"
import { openRecording, type Recording } from "../io/recording.js"
import { bareSymbol } from "../kernel/bare-symbol.js"
import type { BookView, Log, Plugin } from "../kernel/contract.js"
import { definePlugin } from "../kernel/define-plugin.js"
import { recordingSymbolError, recordingUselessError, stepSizeError } from "../kernel/errors.js"
import type { CliEnvironment } from "./environment.js"
import { LineWriter } from "./line-writer.js"
import { CommandPluginLoader, createOfflineEngine, type OfflineEngine, shippedPlugin } from "./offline-engine.js"
import { ReplayRun } from "./replay-run.js"

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
    const run = new ReplayRun(offline, file, log)
    await run.feed(recording, output, environment.signal)
    const summary = run.summary()
    output.write(summary)
    await output.flush()
    if (run.applied === 0) throw recordingUselessError(file, symbol, summary.messages, summary.bad_lines)
    if (!offline.engine.market.books[0].isLive) log.warn(NOT_LIVE)
    return 0
  } finally {
    offline.engine.stop()
  }
}

/** The plugins that a market path is made of: who composes it, and who decodes what the venue sends. */
const MARKET_PLUGINS = ["market-data", "binance"]
const OBSERVER = "replay"
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
  offline.engine.commit(1)
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

function stepOf(option: string, text: string): Unit {
  try {
    return unitOf(text)
  } catch {
    throw stepSizeError(option, text)
  }
}
