import { Configuration } from "../config/configuration.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import type { Log } from "../kernel/contract.js"
import { findCandidates } from "../kernel/generation.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { describePaths } from "../pipeline/describe.js"
import type { PluginChange } from "../threads/messages.js"
import type { CliEnvironment } from "./environment.js"
import { bareSymbol, CommandPluginLoader, createOfflineEngine } from "./offline-engine.js"

export interface ExplainOptions {
  readonly config?: string
  readonly args: Readonly<Record<string, string>>
  readonly log: Log
}

/**
 * Prints what the two paths are made of with this configuration, and by whom. The engine is prepared and never
 * committed: nothing is connected to and nothing is changed.
 */
export async function explainPipeline(options: ExplainOptions, environment: CliEnvironment): Promise<number> {
  const { market, order } = await composePipeline(options, environment)
  const lines = ["market path", ...market.map(indent), "", "order path", ...order.map(indent)]
  environment.stdout.write(`${lines.join("\n")}\n`)
  return 0
}

async function composePipeline({ config, args, log }: ExplainOptions, { cwd, env }: CliEnvironment) {
  const loader = new CommandPluginLoader()
  const sources = new PluginSources(loader)
  const modules = { veloz, "veloz/hot": hot }
  const effective = await new Configuration({ cwd, file: config, env, args, schemas: sources, modules }).load()
  const candidates = await findCandidates(effective, sources)
  const plugins = candidates.map(({ name, entry, found }): PluginChange => {
    return { name, action: "remake", options: entry.options, source: found.source }
  })
  const symbols = effective.symbols.map((name, index) => bareSymbol(name, index, FINEST_STEP, FINEST_STEP))
  const onFault = (error: Error): void => log.warn(error.message)
  const { engine } = createOfflineEngine({ symbols, loader, log, onFault })
  const prepared = engine.prepare({ generation: 1, plugins })
  engine.abort()
  return describePaths([prepared])
}

// The venue is not asked for its steps, because nothing is connected to.
const FINEST_STEP = "0.00000001"

function indent(line: string): string {
  return `  ${line}`
}
