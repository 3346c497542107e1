import { type Command, InvalidArgumentError } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { type ConfigFlags, configOption, formatOption, levelOption, openLog, settingOption } from "./options.js"

export function declareStart(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("start")
    .description("start the engine, and serve its HTTP API until it is stopped")
    .option("-p, --port <port>", "TCP port of the HTTP API, 0 for a free one", readPort)
    .option("--host <address>", "address of the HTTP API")
    .addOption(configOption())
    .addOption(settingOption())
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async ({ port, host, config, set, ...log }: StartFlags) => {
      const { start } = await import("../start.js")
      const args = { ...set, ...(port !== undefined && { [PORT]: port }), ...(host !== undefined && { [HOST]: host }) }
      run.exitCode = await start({ config, args, log: await openLog(log, environment) }, environment)
    })
}

interface StartFlags extends ConfigFlags {
  port?: string
  host?: string
}

const PORT = "plugins.metrics-api.port"
const HOST = "plugins.metrics-api.host"

/** Checked here, because a port is the option that is mistyped most; the schema checks it again. */
function readPort(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text
  throw new InvalidArgumentError("A port is a number from 0 to 65535.")
}
