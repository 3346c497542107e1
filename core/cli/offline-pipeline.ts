import { bareSymbol } from "../kernel/bare-symbol.js"
import type { Log } from "../kernel/contract.js"
import { describePaths } from "../pipeline/describe.js"
import type { PluginChange } from "../threads/messages.js"
import type { OfflineDraft } from "./offline-draft.js"
import { createOfflineEngine } from "./offline-engine.js"

/**
 * What the two paths are made of with a configuration. The hot parts are tried, prepared and never committed: nothing is
 * connected to and nothing is changed. What the configuration itself is refused for does not matter here, such as cores of
 * another machine. Throws what a plugin throws.
 */
export async function composePipeline({ config, candidates, loader, trial }: OfflineDraft, log: Log) {
  const plugins = candidates.map(({ name, entry, found }): PluginChange => {
    return { name, action: "remake", options: entry.options, source: found.source }
  })
  const symbols = config.symbols.map((name, index) => bareSymbol(name, index))
  await trial.parts(config, plugins, symbols, { members: [] })
  const onFault = (error: Error): void => log.warn(error.message)
  const { engine } = createOfflineEngine({ symbols, loader, log, onFault })
  const prepared = engine.prepare({ generation: 1, plugins })
  engine.abort()
  return describePaths([prepared])
}
