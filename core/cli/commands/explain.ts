import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import {
  type ConfigFlags,
  configOption,
  formatOption,
  jsonOption,
  levelOption,
  openLog,
  settingOption,
  urlOption,
} from "./options.js"

export function declareExplain(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("explain")
    .argument("[path]", 'an option, or what is above several; "pipeline" for the stages of both paths')
    .description("say what each option is, and who set it where; of the running engine, if there is one")
    .addOption(configOption())
    .addOption(settingOption())
    // An engine tells of the configuration that it has, whatever another file says.
    .addOption(urlOption().conflicts(["config", "set"]))
    .addOption(jsonOption("explanation"))
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async (path: string | undefined, { config, set = {}, url, json, ...log }: ExplainFlags) => {
      const { explain } = await import("../explain.js")
      const options = { path, config, args: set, url, json, log: await openLog(log, environment) }
      run.exitCode = await explain(options, environment)
    })
}

interface ExplainFlags extends ConfigFlags {
  url?: string
  json: boolean
}
