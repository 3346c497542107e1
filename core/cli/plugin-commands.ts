import { existsSync, readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Command, Plugin } from "../kernel/contract.js"
import type { CliEnvironment } from "./environment.js"
import { describeFailure } from "./failure.js"

/** A command that a plugin adds to `veloz`. */
export interface PluginCommand {
  readonly plugin: string
  readonly command: Command
}

/** Asks every plugin that stands beside core. One that cannot be loaded is named and left out. */
export async function findPluginCommands(environment: CliEnvironment, folder = PLUGINS): Promise<PluginCommand[]> {
  const found = await Promise.all(pluginFiles(folder).map((file) => commandsOf(file, environment)))
  return found.flat()
}

const PLUGINS = new URL("../../plugins/", import.meta.url)

function pluginFiles(folder: URL): URL[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((name) => new URL(`${name}/index.js`, folder))
    .filter((file) => existsSync(file))
}

async function commandsOf(file: URL, environment: CliEnvironment): Promise<PluginCommand[]> {
  try {
    const { default: plugin } = (await import(file.href)) as { default?: Partial<Plugin> }
    const { name = fileURLToPath(file), commands = [] } = plugin?.definition ?? {}
    return commands.map((command) => ({ plugin: name, command }))
  } catch (error) {
    const reason = describeFailure(error, environment.env)
    environment.stderr.write(
      `veloz: the commands of ${fileURLToPath(file)} are missing, because it cannot be loaded\n${reason}\n`,
    )
    return []
  }
}
