import pc from "picocolors"
import type { Colors } from "picocolors/types.js"
import type { Log } from "../kernel/contract.js"

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** "pretty" is a line for a person, "json" an object a line for a collector of logs. */
export const LOG_FORMATS = ["pretty", "json"] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

export interface LogOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Pretty lines have colours where it is a terminal, whatever else this process writes to. */
  readonly stream: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly env: NodeJS.ProcessEnv
}

export async function createLog({ level, format, stream, env }: LogOptions): Promise<Log> {
  const { default: pino } = await import("pino")
  const colors = pc.createColors(wantsColors(stream, env))
  const pretty = { write: (line: string) => stream.write(prettyLine(line, colors)) }
  const levels = { formatters: { level: (label: string) => ({ level: label }) } }
  const options = { level, base: undefined, ...levels, timestamp: pino.stdTimeFunctions.isoTime }
  const logger = pino(options, format === "json" ? stream : pretty)
  const at = (name: LogLevel) => (message: string, details?: object) => logger[name](details ?? {}, message)
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }
}

/** NO_COLOR and FORCE_COLOR are words of the user, and stand above what the stream is: https://no-color.org. */
function wantsColors(
  { isTTY = false }: LogOptions["stream"],
  { NO_COLOR, FORCE_COLOR, TERM }: NodeJS.ProcessEnv,
): boolean {
  if (NO_COLOR) return false
  return FORCE_COLOR ? FORCE_COLOR !== "0" : isTTY && TERM !== "dumb"
}

/** `12:00:00.000 info  the message  key=value` */
function prettyLine(line: string, colors: Colors): string {
  const { level, time, msg, ...details } = JSON.parse(line) as Record<string, unknown> & {
    level: LogLevel
    time: string
  }
  const clock = colors.dim(time.slice("2026-01-01T".length, -1))
  const pairs = Object.entries(details).map(([key, value]) => colors.dim(`  ${key}=${show(value)}`))
  return `${clock} ${colors[COLORS[level]](level.padEnd(5))} ${msg}${pairs.join("")}\n`
}

const COLORS = { debug: "dim", info: "green", warn: "yellow", error: "red" } as const

function show(value: unknown): string {
  return typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}
