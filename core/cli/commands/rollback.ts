import { type Command, InvalidArgumentError } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { configOption, jsonOption, urlOption } from "./options.js"

export function declareRollback(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("rollback")
    .argument("<generation>", "number that veloz history shows as committed", readGeneration)
    .description("bring the values and the code of an earlier generation back into the running engine")
    .option("--write", "put the files of the project back as well, for the next start", false)
    .addOption(urlOption())
    .addOption(jsonOption("outcome"))
    .addOption(configOption())
    .action(async (generation: number, flags: RollbackFlags) => {
      const { rollback } = await import("../rollback.js")
      run.exitCode = await rollback({ generation, ...flags }, environment)
    })
}

interface RollbackFlags {
  write: boolean
  url?: string
  json: boolean
  config?: string
}

function readGeneration(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("It is the number of a generation.")
}
