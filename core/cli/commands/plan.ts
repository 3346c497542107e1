import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { formatOption, jsonOption, type LogFlags, levelOption, openLog, urlOption } from "./options.js"

export function declarePlan(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("plan")
    .argument("[file]", "configuration to plan for, instead of that of the engine as it is saved now")
    .description(
      "say what a save would do to the running engine; exits with 0 for nothing, 2 for changes, 1 if refused",
    )
    .option("--from <file>", "plan against this configuration instead of a running engine")
    .addOption(urlOption())
    .addOption(jsonOption("plan"))
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async (file: string | undefined, { from, url, json, ...log }: PlanFlags) => {
      const { plan } = await import("../plan.js")
      run.exitCode = await plan({ file, from, url, json, log: await openLog(log, environment) }, environment)
    })
}

interface PlanFlags extends LogFlags {
  from?: string
  url?: string
  json: boolean
}
