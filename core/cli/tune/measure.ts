import { setTimeout as sleep } from "node:timers/promises"
import { nearest } from "../../config/nearest.js"
import type { Log, MetricsTotals } from "../../kernel/contract.js"
import { readingRestartedError, readingStoppedError } from "../../kernel/errors.js"
import { type AbFigure, type AbResult, isOn, judgeBlocks } from "../../measure/ab-verdict.js"
import { figuresBetween, type IntervalFigures } from "../../measure/figures.js"
import {
  tunableNotInForceError,
  tunableRealVenueError,
  tunableStillError,
  tunableUnknownError,
} from "../../tuning/errors.js"
import type { TunableReading, TuningToggle } from "../../tuning/tunable.js"
import { columns } from "../columns.js"
import { EngineClient, engineUrl } from "../engine-client.js"
import type { CliEnvironment } from "../environment.js"

export interface TuneMeasureOptions {
  readonly ids: readonly string[]
  /** Blocks of time, half of them with the value; a multiple of four. */
  readonly blocks: number
  readonly seconds: number
  readonly url: string | undefined
  /** Measure at a venue that is no embedded exchange, too. */
  readonly anyVenue: boolean
  readonly json: boolean
  readonly log: Log
}

/** What one tunable does to the running engine. */
interface Measured extends AbResult {
  readonly id: string
  readonly off: object
  readonly on: object
}

/**
 * Switches each tunable on and off in a running engine, block by block in the order ABBA, and says what it does to the
 * latencies. The engine goes back to the generation that it had, also when it is stopped in between. Returns 0.
 */
export async function tuneMeasure(options: TuneMeasureOptions, environment: CliEnvironment): Promise<number> {
  const { env, signal, stdout } = environment
  const client = new EngineClient(options.url ?? engineUrl(env), env.VELOZ_API_TOKEN || undefined, signal)
  const { generation, config } = await client.get<ConfigAnswer>("/api/config", "generation")
  if (config.venue.kind !== "sim" && !options.anyVenue) throw tunableRealVenueError(config.venue.kind)
  const toggles = await findToggles(client, options.ids)
  const measured: Measured[] = []
  try {
    for (const [id, toggle] of toggles) {
      options.log.info(`${id}: ${options.blocks} blocks of ${options.seconds} s`)
      measured.push({
        id,
        off: toggle.off,
        on: toggle.on,
        ...judgeBlocks(await runBlocks(client, id, toggle, options, signal)),
      })
      if (!options.json) stdout.write(describe(measured.at(-1)!))
    }
  } catch (error) {
    throw signal.aborted ? readingStoppedError() : error
  } finally {
    await putBack(client.url, env, generation)
  }
  if (options.json) stdout.write(`${JSON.stringify({ measured }, null, 2)}\n`)
  return 0
}

interface ConfigAnswer {
  readonly generation: number
  readonly config: { readonly venue: { readonly kind: string } }
}

/** Connections and pages settle before a block counts. */
const SETTLE_MS = 150

async function findToggles(client: EngineClient, ids: readonly string[]): Promise<[string, TuningToggle][]> {
  const tunables = await readTunables(client)
  return ids.map((id) => {
    const reading = tunables.find((tunable) => tunable.id === id)
    if (reading === undefined) {
      const known = tunables.map((tunable) => tunable.id)
      throw tunableUnknownError(id, nearest(id, known))
    }
    if (reading.toggle === null) throw tunableStillError(id, reading)
    return [id, reading.toggle]
  })
}

async function readTunables(client: EngineClient): Promise<readonly TunableReading[]> {
  return (await client.get<{ tunables: TunableReading[] }>("/api/tuning", "tunables")).tunables
}

async function runBlocks(
  client: EngineClient,
  id: string,
  toggle: TuningToggle,
  { blocks, seconds }: TuneMeasureOptions,
  signal: AbortSignal,
): Promise<IntervalFigures[]> {
  const figures: IntervalFigures[] = []
  let standing: boolean | undefined
  let run: string | undefined
  for (let block = 0; block < blocks; block += 1) {
    const wanted = isOn(block)
    if (wanted !== standing) await client.post(toggle.request, "ok", wanted ? toggle.on : toggle.off)
    const isFirst = wanted && block < 2
    standing = wanted
    await sleep(SETTLE_MS, undefined, { signal })
    if (isFirst) await requireInForce(client, id)
    const before = await client.get<MetricsTotals>("/api/metrics/totals", "run")
    await sleep(seconds * 1000, undefined, { signal })
    const after = await client.get<MetricsTotals>("/api/metrics/totals", "run")
    run ??= before.run
    if (after.run !== run) throw readingRestartedError(client.url)
    figures.push(figuresBetween(before, after))
  }
  return figures
}

/** What is wished for and not in force has no effect, and would be told to have none. */
async function requireInForce(client: EngineClient, id: string): Promise<void> {
  const reading = (await readTunables(client)).find((tunable) => tunable.id === id)
  if (reading === undefined || IN_FORCE.has(reading.state)) return
  throw tunableNotInForceError(id, reading)
}

const IN_FORCE: ReadonlySet<string> = new Set(["verified", "placebo"])

/** By a client of its own: the signal that stopped the measurement must not stop this. */
async function putBack(url: string, env: NodeJS.ProcessEnv, generation: number): Promise<void> {
  const client = new EngineClient(url, env.VELOZ_API_TOKEN || undefined, new AbortController().signal)
  const now = await client.get<ConfigAnswer>("/api/config", "generation")
  if (now.generation !== generation) await client.post("/api/config/rollback", "ok", { generation })
}

// ---- for people

const HEAD = ["", "without, us", "with, us", "effect", "p", "control", "its p", ""]

function describe({ id, verdict, figures, off, on }: Measured): string {
  const title = `${id}: ${verdict}  (${text(off)} against ${text(on)})`
  if (figures.length === 0) return `${title}\n  too few samples: take longer or more blocks (--seconds, --blocks)\n\n`
  return `${[title, ...columns([HEAD, ...figures.map(row)]).map((line) => `  ${line}`)].join("\n")}\n\n`
}

function row({ figure, off_us, on_us, effect_pct, p, control, judgement }: AbFigure): string[] {
  const percent = (value: number): string => `${value > 0 ? "+" : ""}${value.toFixed(1)} %`
  return [
    figure.replace(/\.(p\d+)_us$/, " $1"),
    off_us.toFixed(1),
    on_us.toFixed(1),
    percent(effect_pct),
    p.toFixed(3),
    percent(control.effect_pct),
    control.p.toFixed(3),
    judgement,
  ]
}

const text = (body: object): string => JSON.stringify(body).slice(1, -1).replaceAll('"', "")
