import { type Command, InvalidArgumentError } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import {
  type ConfigFlags,
  configOption,
  formatOption,
  jsonOption,
  type LogFlags,
  levelOption,
  openLog,
  settingOption,
  urlOption,
} from "./options.js"

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
    .command("measure")
    .argument("<id...>", "tunables, as veloz tune plan --all names them")
    .description("switch tunables on and off in the running engine, and say what each does to its latencies")
    .option(
      "--blocks <count>",
      "blocks of time, half of them with the value: 20 to 400, a multiple of four",
      readBlocks,
      24,
    )
    .option("--seconds <seconds>", "how long a block is, 0.2 to 60", readBlockSeconds, 1.5)
    .option("--any-venue", "measure at a venue that is no embedded exchange, too", false)
    .addOption(urlOption())
    .addOption(jsonOption("outcome"))
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async (ids: string[], { blocks, seconds, url, anyVenue, json, ...log }: MeasureFlags) => {
      const { tuneMeasure } = await import("../tune/measure.js")
      const options = { ids, blocks, seconds, url, anyVenue, json, log: await openLog(log, environment) }
      run.exitCode = await tuneMeasure(options, environment)
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

interface MeasureFlags extends LogFlags {
  blocks: number
  seconds: number
  url?: string
  anyVenue: boolean
  json: boolean
}

function readBlocks(text: string): number {
  const count = Number(text)
  if (/^\d{2,3}$/.test(text) && count >= 20 && count <= 400 && count % 4 === 0) return count
  throw new InvalidArgumentError("It is a multiple of four from 20 to 400.")
}

function readBlockSeconds(text: string): number {
  const seconds = Number(text)
  if (/^\d{1,2}(\.\d{1,2})?$/.test(text) && seconds >= 0.2 && seconds <= 60) return seconds
  throw new InvalidArgumentError("It is a number of seconds from 0.2 to 60.")
}
