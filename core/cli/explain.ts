import { Configuration } from "../config/configuration.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import type { Log } from "../kernel/contract.js"
import { orderPlugins } from "../kernel/plugin-order.js"
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
  const schemaOf = (specifier: string, _value: unknown, root: string) => sources.schemaOf(specifier, root)
  const modules = { veloz, "veloz/hot": hot }
  const effective = await new Configuration({ cwd, file: config, env, args, schemas: { schemaOf }, modules }).load()
  const members = await Promise.all(
    effective.plugins.map(async (entry) => {
      const { source, plugin } = await sources.findEntry(entry, effective.root)
      return { name: entry.name, definition: plugin.definition, options: entry.options, source }
    }),
  )
  const plugins = orderPlugins(members).map(({ name, options, source }): PluginChange => {
    return { name, action: "remake", options, source }
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
