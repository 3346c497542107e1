import { Command, CommanderError } from "commander"
import { declareCheck } from "./commands/check.js"
import { declareCompare } from "./commands/compare.js"
import type { DeclareCommand, Run } from "./commands/declare.js"
import { declareDiff } from "./commands/diff.js"
import { declareDoctor } from "./commands/doctor.js"
import { declareExplain } from "./commands/explain.js"
import { declareHistory } from "./commands/history.js"
import { declareInit } from "./commands/init.js"
import { declareMeasure } from "./commands/measure.js"
import { declarePluginCommand } from "./commands/of-plugin.js"
import { declarePlan } from "./commands/plan.js"
import { declarePlugin } from "./commands/plugin.js"
import { declareReplay } from "./commands/replay.js"
import { declareRollback } from "./commands/rollback.js"
import { declareStart } from "./commands/start.js"
import { declareTune } from "./commands/tune.js"
import { type CliEnvironment, listenForStop, processEnvironment } from "./environment.js"
import { describeFailure } from "./failure.js"
import { findPluginCommands } from "./plugin-commands.js"
import { readVersion } from "./version.js"

/** Runs one command line. Returns the exit code; prints what went wrong in a sentence. */
export async function runCommandLine(words: readonly string[], wish?: Partial<CliEnvironment>): Promise<number> {
  const stop = listenForStop()
  const environment = { ...processEnvironment(stop.signal), ...wish }
  try {
    return await runProgram(words, environment)
  } catch (error) {
    environment.stderr.write(`${describeFailure(error, environment.env)}\n`)
    return 1
  } finally {
    stop.dispose()
  }
}

async function runProgram(words: readonly string[], environment: CliEnvironment): Promise<number> {
  const run: Run = { exitCode: 0 }
  const program = createProgram(environment, run)
  // Plugins are looked at only when they may matter: a start does not wait for the commands that it does not use.
  if (!isBuiltIn(program, words[0])) {
    for (const found of await findPluginCommands(environment)) declarePluginCommand(program, found, environment, run)
  }
  if (words.length === 0) {
    program.outputHelp()
    return 0
  }
  try {
    await program.parseAsync([...words], { from: "user" })
    return run.exitCode
  } catch (error) {
    // commander has printed its own sentence already.
    if (error instanceof CommanderError) return error.exitCode
    throw error
  }
}

// In the order in which the help lists them.
const COMMANDS: readonly DeclareCommand[] = [
  declareStart,
  declareInit,
  declareReplay,
  declareCheck,
  declarePlan,
  declareExplain,
  declareHistory,
  declareDiff,
  declareRollback,
  declareMeasure,
  declareCompare,
  declareTune,
  declareDoctor,
  declarePlugin,
]

function createProgram(environment: CliEnvironment, run: Run): Command {
  const program = new Command("veloz")
    .description("A runtime for trading engines in which everything that makes an engine fast is configuration.")
    .version(readVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .showHelpAfterError("(veloz --help lists the commands)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => environment.stdout.write(text),
      writeErr: (text) => environment.stderr.write(text),
    })
  for (const declare of COMMANDS) declare(program, environment, run)
  return program
}

function isBuiltIn(program: Command, word: string | undefined): boolean {
  return program.commands.some((command) => command.name() === word) || word === "--version" || word === "-V"
}
