import { InvalidArgumentError, Option } from "commander"
import type { Log } from "../../kernel/contract.js"
import type { CliEnvironment } from "../environment.js"
import { createLog, LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../log.js"

// The options that several commands have.

export interface LogFlags {
  logLevel?: LogLevel
  logFormat?: LogFormat
}

/** How a command that reads the configuration is told which, and what else to set. */
export interface ConfigFlags extends LogFlags {
  config?: string
  set?: Record<string, string>
}

export function configOption(): Option {
  return new Option("-c, --config <file>", "configuration file, instead of the veloz.config.* of this project")
}

export function settingOption(): Option {
  const option = new Option("-s, --set <path=value>", "set an option: --set plugins.market-data.order_book_depth=10")
  return option.argParser(collectSetting)
}

export function urlOption(): Option {
  const option = new Option(
    "--url <address>",
    "address of the engine, instead of that of this project, or the one that VELOZ_PORT says",
  )
  return option.argParser(readUrl)
}

export function jsonOption(what: string): Option {
  return new Option("--json", `print the ${what} as JSON`).default(false)
}

export function levelOption(): Option {
  return new Option("--log-level <level>", "least important messages to print").choices(LOG_LEVELS)
}

export function formatOption(): Option {
  const option = new Option("--log-format <format>", "lines to read, or JSON, which is the default in production")
  return option.choices(LOG_FORMATS)
}

/** Messages go to standard error: standard output is for what was asked for. */
export function openLog({ logLevel, logFormat }: LogFlags, { env, stderr }: CliEnvironment): Promise<Log> {
  const format = logFormat ?? (env.NODE_ENV === "production" ? "json" : "pretty")
  return createLog({ level: logLevel ?? "info", format, stream: stderr, env })
}

const NO_URL = { protocol: "", origin: "", pathname: "" }

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
