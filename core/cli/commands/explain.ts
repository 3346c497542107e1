import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { type ConfigFlags, configOption, formatOption, levelOption, openLog, settingOption } from "./options.js"

export function declareExplain(program: Command, environment: CliEnvironment, run: Run): void {
  const explain = program.command("explain").description("say how something of the engine came to be")
  explain
    .command("pipeline")
    .description("print the stages of both paths with this configuration, and which plugin put them there")
    .addOption(configOption())
    .addOption(settingOption())
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async ({ config, set = {}, ...log }: ConfigFlags) => {
      const { explainPipeline } = await import("../explain.js")
      run.exitCode = await explainPipeline({ config, args: set, log: await openLog(log, environment) }, environment)
    })
}
