import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { formatOption, jsonOption, type LogFlags, levelOption, openLog, settingOption } from "./options.js"

export function declareCheck(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("check")
    .argument("[files...]", "configuration files, instead of the veloz.config.* of this project")
    .description("say everything that is wrong with a configuration; exits with 1 if anything is")
    .addOption(settingOption())
    .addOption(jsonOption("verdict"))
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async (files: string[], { set = {}, json, ...log }: CheckFlags) => {
      const { check } = await import("../check.js")
      const options = { files, args: set, json, log: await openLog({ logLevel: "warn", ...log }, environment) }
      run.exitCode = await check(options, environment)
    })
}

interface CheckFlags extends LogFlags {
  set?: Record<string, string>
  json: boolean
}
