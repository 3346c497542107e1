import { type Command, InvalidArgumentError } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { formatOption, jsonOption, type LogFlags, levelOption, openLog, urlOption } from "./options.js"

export function declareMeasure(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("measure")
    .description("take a reading of a running engine over the next seconds")
    .option("--seconds <seconds>", "how long to measure", readSeconds, 30)
    .addOption(urlOption())
    .option("--save <file>", "where to save the reading, for veloz compare")
    .addOption(jsonOption("reading"))
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async ({ seconds, url, save, json, ...log }: MeasureFlags) => {
      const { measure } = await import("../measure.js")
      run.exitCode = await measure({ seconds, url, save, json, log: await openLog(log, environment) }, environment)
    })
}

interface MeasureFlags extends LogFlags {
  seconds: number
  url?: string
  save?: string
  json: boolean
}

const SECONDS_OF_A_DAY = 86_400

function readSeconds(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= SECONDS_OF_A_DAY) return Number(text)
  throw new InvalidArgumentError("It is a whole number of seconds from 1 to 86400.")
}
