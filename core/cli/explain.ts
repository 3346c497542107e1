import { formatDiagnostic } from "../config/diagnostic.js"
import { show } from "../config/errors.js"
import { type Explanation, explain as explainConfig, type OriginReading } from "../config/explain.js"
import { findConfigFile } from "../config/find.js"
import { formatPlace } from "../config/place.js"
import type { Reload } from "../config/schemas.js"
import type { ExplainReading, PipelineReading } from "../kernel/contract.js"
import { requireOption } from "../kernel/require-option.js"
import type { CliEnvironment } from "./environment.js"
import { findEngine } from "./find-engine.js"
import { type ConfigWish, draftOffline } from "./offline-draft.js"
import { composePipeline } from "./offline-pipeline.js"

export interface ExplainOptions extends ConfigWish {
  /** An option, or what is above several; without, the whole configuration. `pipeline` is no option. */
  readonly path: string | undefined
  /** The engine to ask. Without, the one that runs with the configuration of this folder, if any does. */
  readonly url: string | undefined
  readonly json: boolean
}

/** Prints options, where each was set, and what that overrides; or what the paths are made of. Returns the exit code. */
export async function explain(options: ExplainOptions, environment: CliEnvironment): Promise<number> {
  const { json, path } = options
  const { stdout, cwd } = environment
  const reading = await (path === "pipeline" ? readPipeline(options, environment) : readOptions(options, environment))
  const lines = (): string[] => ("market" in reading ? describePipeline(reading) : describe(reading, path, cwd))
  stdout.write(`${json ? JSON.stringify(reading, null, 2) : [...about(reading), ...lines()].join("\n")}\n`)
  return 0
}

async function readPipeline(options: ExplainOptions, environment: CliEnvironment): Promise<PipelineReading> {
  const running = await askRunning<PipelineReading>(options, environment, "market")
  if (running !== undefined) return running
  const draft = await draftOffline(options, environment)
  for (const problem of draft.problems) {
    options.log.warn(`a start is refused here: ${formatDiagnostic(problem, environment.cwd)}`)
  }
  return { generation: null, ...(await composePipeline(draft, options.log)) }
}

async function readOptions(options: ExplainOptions, environment: CliEnvironment): Promise<ExplainReading> {
  return (await askRunning<ExplainReading>(options, environment, "options")) ?? explainFile(options, environment)
}

async function explainFile(options: ExplainOptions, environment: CliEnvironment): Promise<ExplainReading> {
  const { config } = await draftOffline(options, environment)
  requireOption(config, options.path)
  return { generation: null, file: config.file ?? null, options: explainConfig(config, options.path) }
}

/** What the engine says that runs with this very configuration: it knows what was set over HTTP as well. */
async function askRunning<T>(
  { path = "", url, config, args }: ExplainOptions,
  environment: CliEnvironment,
  member: keyof T & string,
): Promise<T | undefined> {
  const { cwd } = environment
  if (config !== undefined || Object.keys(args).length > 0) return undefined
  const client = await findEngine(environment, { url, patienceMs: PATIENCE_MS })
  const address = (wanted: string): string => `/api/config/explain?path=${encodeURIComponent(wanted)}`
  if (url === undefined) {
    const asked = client.get<ExplainReading>(address("presets"), "options")
    const { file } = await asked.catch(() => ({ file: undefined }))
    if (file === undefined || file !== ((await findConfigFile(cwd)) ?? null)) return undefined
  }
  return client.get<T>(address(path), member)
}

/** An engine that nobody has named is not waited for long. */
const PATIENCE_MS = 1000

function about({ generation }: ExplainReading | PipelineReading): string[] {
  return generation === null ? [] : [`of the running engine, generation ${generation}`, ""]
}

function describePipeline({ market, order }: PipelineReading): string[] {
  const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)
  return ["market path", ...indented(market), "", "order path", ...indented(order)]
}

function describe({ options }: ExplainReading, path: string | undefined, cwd: string): string[] {
  const isOne = options.length === 1 && options[0].path === path
  return isOne ? describeOption(options[0], cwd) : describeOptions(options, cwd)
}

function describeOption(option: Explanation, cwd: string): string[] {
  const { path, value, description, expected, variable, reload, set_by, overrides } = option
  const facts = [
    description,
    expected && `It must be ${expected}.`,
    variable && `${variable} sets it.`,
    reload && RELOADS[reload],
  ]
  const setters = set_by === null ? [] : [set_by, ...overrides]
  const values = setters.map((setter) => show(setter.value))
  const width = Math.max(0, ...values.map(({ length }) => length))
  return [
    `${path} = ${withUnit(value, option)}`,
    ...facts.filter((fact) => fact !== undefined).map((fact) => `  ${fact}`),
    ...setters.map((setter, index) => `  ${values[index].padEnd(width)}  ${nameOf(setter, cwd)}`),
  ]
}

const RELOADS: Readonly<Record<Reload, string>> = {
  live: "A change is live at once.",
  plugin: "A change starts the plugin anew.",
  pipeline: "A change composes the pipeline anew.",
  engine: "A change makes new hot threads, which take over.",
  restart: "A change needs a restart of the engine.",
}

function describeOptions(options: readonly Explanation[], cwd: string): string[] {
  const rows = options.map((option) => {
    const { path, value, set_by } = option
    return [path, withUnit(value, option), set_by === null ? "" : nameOf(set_by, cwd)]
  })
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  )
}

function withUnit(value: unknown, { unit }: Explanation): string {
  return unit === undefined || value === null ? show(value) : `${show(value)} ${unit}`
}

/** `presets/low-latency.ts:14:5, preset "low-latency"` */
function nameOf({ layer, source, file, line, column, set_at }: OriginReading, cwd: string): string {
  const place = file === undefined ? [] : [formatPlace({ file, line, column }, cwd)]
  const said = layer === "file" && file !== undefined ? [] : [source]
  const time = set_at === undefined ? "" : ` at ${new Date(set_at).toTimeString().slice(0, 8)}`
  return [...place, ...said].join(", ") + time
}
