import { type Command, InvalidArgumentError } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { configOption, jsonOption } from "./options.js"

export function declareHistory(program: Command, environment: CliEnvironment, run: Run): void {
  const history = program
    .command("history")
    .description("list the attempts to change the configuration of this project, the newest first")
    .option("-n, --limit <count>", "how many", readCount, 20)
    .addOption(jsonOption("attempts"))
    .addOption(configOption())
    .action(async ({ limit, json, config }: { limit: number; json: boolean; config?: string }) => {
      const { printHistory } = await import("../history.js")
      run.exitCode = await printHistory({ limit, json, config }, environment)
    })
  history
    .command("show")
    .argument("<number>", "number of the attempt, or: current, last")
    .description("print one attempt: what it changed, and why it was rejected")
    .action(async (attempt: string) => {
      const { json, config } = history.opts<{ json: boolean; config?: string }>()
      const { printAttempt } = await import("../history.js")
      run.exitCode = await printAttempt({ attempt, json, config }, environment)
    })
}

function readCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("It is a whole number from 1.")
}
