import { type Command, Option } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Format } from "../starter-files.js"
import type { Run } from "./declare.js"

export function declareInit(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("init")
    .argument("[folder]", "folder of the project; made when it is not there", ".")
    .addOption(new Option("--format <format>", "of the configuration file (default: ts)").choices(FORMATS))
    .description("write a configuration to start from, and what editors need to explain it; nothing is overwritten")
    .action(async (folder: string, { format }: { format?: Format }) => {
      const { init } = await import("../init.js")
      run.exitCode = await init({ folder, format }, environment)
    })
}

const FORMATS = ["ts", "json", "yaml"] satisfies Format[]
