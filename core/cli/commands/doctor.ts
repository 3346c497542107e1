import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { jsonOption, urlOption } from "./options.js"

export function declareDoctor(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("doctor")
    .description(
      "look for what keeps tuning from its effect, here and in the running engine; ends with 2 when there is a problem",
    )
    .addOption(urlOption())
    .addOption(jsonOption("findings"))
    .action(async ({ url, json }: { url?: string; json: boolean }) => {
      const { doctor } = await import("../doctor.js")
      run.exitCode = await doctor({ url, json }, environment)
    })
}
