import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { PluginCommand } from "../plugin-commands.js"
import type { Run } from "./declare.js"
import { formatOption, type LogFlags, levelOption, openLog } from "./options.js"

/** A command that a plugin brings. */
export function declarePluginCommand(
  program: Command,
  { plugin, command }: PluginCommand,
  environment: CliEnvironment,
  run: Run,
): void {
  const added = program.command(command.name).description(`${command.summary} (plugin ${plugin})`)
  for (const [flags, description, fallback] of command.options ?? []) added.option(flags, description, fallback)
  added.addOption(levelOption()).addOption(formatOption())
  added.action(async ({ logLevel, logFormat, ...options }: LogFlags & Record<string, string | undefined>) => {
    const log = await openLog({ logLevel, logFormat }, environment)
    run.exitCode = (await command.run(options, { log, signal: environment.signal })) ?? 0
  })
}
