import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { type ConfigFlags, configOption, jsonOption, settingOption } from "./options.js"

interface TuneFlags extends ConfigFlags {
  json: boolean
  all?: boolean
  print?: boolean
}

export function declareTune(program: Command, environment: CliEnvironment, run: Run): void {
  const tune = program
    .command("tune")
    .description("what the configuration wants of the machine: plan it, set it, look whether it holds, put it back")
  const sub = (words: string, description: string): Command => {
    return tune.command(words).description(description).addOption(configOption()).addOption(settingOption())
  }
  sub("plan", "print what would be set, and change nothing; ends with 0 (nothing to do), 2 (changes or drift) or 1")
    .option("--all", "print what nobody wants anything of, too", false)
    .addOption(jsonOption("plan"))
    .action(async ({ config, set: args = {}, all = false, json }: TuneFlags) => {
      const { tunePlan } = await import("../tune/plan.js")
      run.exitCode = await tunePlan({ config, args, all, json }, environment)
    })
  sub("apply", "set the values, without an engine, until veloz tune rollback")
    .addOption(jsonOption("outcome"))
    .action(async ({ config, set: args = {}, json }: TuneFlags) => {
      const { tuneApply } = await import("../tune/apply.js")
      run.exitCode = await tuneApply({ config, args, json }, environment)
    })
  sub("verify", "look whether what is wanted is in force, whoever set it; ends with 0, 2 (some is not) or 1")
    .addOption(jsonOption("outcome"))
    .action(async ({ config, set: args = {}, json }: TuneFlags) => {
      const { tuneVerify } = await import("../tune/verify.js")
      run.exitCode = await tuneVerify({ config, args, json }, environment)
    })
  sub("explain <id>", "print what a tunable does, how it stands, and what the presets would set it to")
    .addOption(jsonOption("tunable"))
    .action(async (id: string, { config, set: args = {}, json }: TuneFlags) => {
      const { tuneExplain } = await import("../tune/explain.js")
      run.exitCode = await tuneExplain({ id, config, args, json }, environment)
    })
  tune
    .command("rollback")
    .description("put back what veloz tune apply has set, and what killed engines have left")
    .option("--print", "print the commands that would do it, and change nothing", false)
    .addOption(jsonOption("outcome"))
    .action(async ({ print = false, json }: TuneFlags) => {
      const { tuneRollback } = await import("../tune/rollback.js")
      run.exitCode = await tuneRollback({ print, json }, environment)
    })
}
