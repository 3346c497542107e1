import { type Command, Option } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { PluginKind } from "../plugin-new.js"
import type { Run } from "./declare.js"

export function declarePlugin(program: Command, environment: CliEnvironment, run: Run): void {
  const plugin = program.command("plugin").description("make plugins")
  plugin
    .command("new")
    .argument("<name>", "of the package: lower-case words with dashes, such as max-notional or @desk/max-notional")
    .addOption(new Option("--kind <kind>", "what to start from").choices(KINDS).default("risk"))
    .description("write a package with a plugin, its options, its tests and a README; nothing is overwritten")
    .action(async (name: string, { kind }: { kind: PluginKind }) => {
      const { pluginNew } = await import("../plugin-new.js")
      run.exitCode = await pluginNew({ name, kind }, environment)
    })
}

const KINDS = ["risk", "strategy", "metrics", "venue"] satisfies PluginKind[]
