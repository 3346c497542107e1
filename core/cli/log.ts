import pc from "picocolors"
import type { Log } from "../kernel/contract.js"

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** "pretty" is a line for a person, "json" an object a line for a collector of logs. */
export const LOG_FORMATS = ["pretty", "json"] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  readonly stream: { write(text: string): unknown }
}

export async function createLog({ level, format, stream }: LogOptions): Promise<Log> {
  const { default: pino } = await import("pino")
  const destination = format === "json" ? stream : { write: (line: string) => stream.write(prettyLine(line)) }
  const levels = { formatters: { level: (label: string) => ({ level: label }) } }
  const logger = pino({ level, base: undefined, ...levels, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  const at = (name: LogLevel) => (message: string, details?: object) => logger[name](details ?? {}, message)
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
}

/** `12:00:00.000 info  the message  key=value` */
function prettyLine(line: string): string {
  const { level, time, msg, ...details } = JSON.parse(line) as Record<string, unknown> & {
    level: LogLevel
    time: string
  }
  const clock = pc.dim(time.slice("2026-01-01T".length, -1))
  const pairs = Object.entries(details).map(([key, value]) => pc.dim(`  ${key}=${show(value)}`))
  return `${clock} ${COLOURS[level](level.padEnd(5))} ${msg}${pairs.join("")}\n`
}

const COLOURS: Readonly<Record<LogLevel, (text: string) => string>> = {
  debug: pc.dim,
  info: pc.green,
  warn: pc.yellow,
  error: pc.red,
}

function show(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}
