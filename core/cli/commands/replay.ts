import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"
import type { Run } from "./declare.js"
import { formatOption, type LogFlags, levelOption, openLog } from "./options.js"

export function declareReplay(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("replay")
    .argument("<file>", "recording: a line a message, LOCAL_NS JSON; may be gzipped")
    .description("send recorded market data through the market path, as fast as it goes")
    .option("--print-top", "print the best bid and ask after each depth update", false)
    .option("--symbol <symbol>", "symbol to follow, instead of the first that the recording names")
    .option("--tick <size>", "tick size of the symbol", FINEST_STEP)
    .option("--lot <size>", "lot size of the symbol", FINEST_STEP)
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async (file: string, { printTop, symbol, tick, lot, ...log }: ReplayFlags) => {
      const { replay } = await import("../replay.js")
      const options = { file, printTop, symbol, tick, lot, log: await openLog(log, environment) }
      run.exitCode = await replay(options, environment)
    })
}

interface ReplayFlags extends LogFlags {
  printTop: boolean
  symbol?: string
  tick: string
  lot: string
}

// The venue's own resolution: every price and quantity that it sends fits.
const FINEST_STEP = "0.00000001"
