import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { configOption, jsonOption } from "./options.js"

export function declareDiff(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("diff")
    .argument("<before>", "number of an attempt that veloz history lists, or: current, last")
    .argument("[after]", "another one; without it, the generation in force", "current")
    .description("print what two configurations of the history differ in, and who set it")
    .addOption(jsonOption("difference"))
    .addOption(configOption())
    .action(async (before: string, after: string, { json, config }: { json: boolean; config?: string }) => {
      const { diff } = await import("../diff.js")
      run.exitCode = await diff({ before, after, json, config }, environment)
    })
}
