import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { jsonOption } from "./options.js"

export function declareCompare(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("compare")
    .argument("<before>", "reading that veloz measure has saved")
    .argument("<after>", "another one")
    .description("say what has improved between two readings, what is noise, and what was changed")
    .addOption(jsonOption("comparison"))
    .action(async (before: string, after: string, { json }: { json: boolean }) => {
      const { compare } = await import("../compare.js")
      run.exitCode = await compare({ before, after, json }, environment)
    })
}
