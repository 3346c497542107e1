import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import type { Log } from "../kernel/contract.js"
import { type CliEnvironment, listenForStop, processEnvironment } from "./environment.js"
import { describeFailure } from "./failure.js"
import { createLog, LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "./log.js"
import { findPluginCommands, type PluginCommand } from "./plugin-commands.js"
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
  if (!isBuiltIn(program, words[0])) addPluginCommands(program, await findPluginCommands(environment), environment, run)
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

/** What a command leaves behind. */
interface Run {
  exitCode: number
}

/** The commands of core. The code of each is loaded when it runs. */
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
  addStart(program, environment, run)
  addReplay(program, environment, run)
  addExplain(program, environment, run)
  addMeasure(program, environment, run)
  addCompare(program, environment, run)
  return program
}

function addStart(program: Command, environment: CliEnvironment, run: Run): void {
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
      const { start } = await import("./start.js")
      const args = { ...set, ...(port !== undefined && { [PORT]: port }), ...(host !== undefined && { [HOST]: host }) }
      run.exitCode = await start({ config, args, log: await openLog(log, environment) }, environment)
    })
}

function addReplay(program: Command, environment: CliEnvironment, run: Run): void {
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
      const { replay } = await import("./replay.js")
      const options = { file, printTop, symbol, tick, lot, log: await openLog(log, environment) }
      run.exitCode = await replay(options, environment)
    })
}

function addExplain(program: Command, environment: CliEnvironment, run: Run): void {
  const explain = program.command("explain").description("say how something of the engine came to be")
  explain
    .command("pipeline")
    .description("print the stages of both paths with this configuration, and which plugin put them there")
    .addOption(configOption())
    .addOption(settingOption())
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async ({ config, set = {}, ...log }: StartFlags) => {
      const { explainPipeline } = await import("./explain.js")
      run.exitCode = await explainPipeline({ config, args: set, log: await openLog(log, environment) }, environment)
    })
}

function addMeasure(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("measure")
    .description("take a reading of a running engine over the next seconds")
    .option("--seconds <seconds>", "how long to measure", readSeconds, 30)
    .option("--url <address>", "address of the engine, instead of the one that VELOZ_HOST and VELOZ_PORT say", readUrl)
    .option("--save <file>", "where to save the reading, for veloz compare")
    .option("--json", "print the reading as JSON", false)
    .addOption(levelOption())
    .addOption(formatOption())
    .action(async ({ seconds, url, save, json, ...log }: MeasureFlags) => {
      const { measure } = await import("./measure.js")
      run.exitCode = await measure({ seconds, url, save, json, log: await openLog(log, environment) }, environment)
    })
}

function addCompare(program: Command, environment: CliEnvironment, run: Run): void {
  program
    .command("compare")
    .argument("<before>", "reading that veloz measure has saved")
    .argument("<after>", "another one")
    .description("say what has improved between two readings, what is noise, and what was changed")
    .option("--json", "print the comparison as JSON", false)
    .action(async (before: string, after: string, { json }: { json: boolean }) => {
      const { compare } = await import("./compare.js")
      run.exitCode = await compare({ before, after, json }, environment)
    })
}

function addPluginCommands(
  program: Command,
  found: readonly PluginCommand[],
  environment: CliEnvironment,
  run: Run,
): void {
  for (const { plugin, command } of found) {
    const added = program.command(command.name).description(`${command.summary} (plugin ${plugin})`)
    for (const [flags, description, fallback] of command.options ?? []) added.option(flags, description, fallback)
    added.addOption(levelOption()).addOption(formatOption())
    added.action(async ({ logLevel, logFormat, ...options }: LogFlags & Record<string, string | undefined>) => {
      const log = await openLog({ logLevel, logFormat }, environment)
      run.exitCode = (await command.run(options, { log, signal: environment.signal })) ?? 0
    })
  }
}

function isBuiltIn(program: Command, word: string | undefined): boolean {
  return program.commands.some((command) => command.name() === word) || word === "--version" || word === "-V"
}

// ---- options

interface LogFlags {
  logLevel?: LogLevel
  logFormat?: LogFormat
}

interface StartFlags extends LogFlags {
  port?: string
  host?: string
  config?: string
  set?: Record<string, string>
}

interface ReplayFlags extends LogFlags {
  printTop: boolean
  symbol?: string
  tick: string
  lot: string
}

interface MeasureFlags extends LogFlags {
  seconds: number
  url?: string
  save?: string
  json: boolean
}

// The venue's own resolution: every price and quantity that it sends fits.
const FINEST_STEP = "0.00000001"
const NO_URL = { protocol: "", origin: "", pathname: "" }
const SECONDS_OF_A_DAY = 86_400
const PORT = "plugins.metrics-api.port"
const HOST = "plugins.metrics-api.host"

function configOption(): Option {
  return new Option("-c, --config <file>", "configuration file, instead of the veloz.config.* of this project")
}

function settingOption(): Option {
  const option = new Option("-s, --set <path=value>", "set an option: --set plugins.market-data.order_book_depth=10")
  return option.argParser(collectSetting)
}

function levelOption(): Option {
  return new Option("--log-level <level>", "least important messages to print").choices(LOG_LEVELS)
}

function formatOption(): Option {
  const option = new Option("--log-format <format>", "lines to read, or JSON, which is the default in production")
  return option.choices(LOG_FORMATS)
}

/** Messages go to standard error: standard output is for what was asked for. */
function openLog({ logLevel, logFormat }: LogFlags, { env, stderr }: CliEnvironment): Promise<Log> {
  const format = logFormat ?? (env.NODE_ENV === "production" ? "json" : "pretty")
  return createLog({ level: logLevel ?? "info", format, stream: stderr })
}

/** Checked here, because a port is the option that is mistyped most; the schema checks it again. */
function readPort(text: string): string {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return text
  throw new InvalidArgumentError("A port is a number from 0 to 65535.")
}

function readSeconds(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= SECONDS_OF_A_DAY) return Number(text)
  throw new InvalidArgumentError("It is a whole number of seconds from 1 to 86400.")
}

function readUrl(text: string): string {
  const address = text.includes("://") ? text : `http://${text}`
  const { protocol, origin, pathname } = URL.canParse(address) ? new URL(address) : NO_URL
  if (protocol === "http:" || protocol === "https:") return origin + pathname.replace(/\/+$/, "")
  throw new InvalidArgumentError("It is an address such as http://127.0.0.1:8080.")
}

function collectSetting(text: string, settings: Record<string, string> = {}): Record<string, string> {
  const equals = text.indexOf("=")
  if (equals < 1) throw new InvalidArgumentError("It is a path, an equals sign and a value.")
  return { ...settings, [text.slice(0, equals)]: text.slice(equals + 1) }
}
