import { setTimeout as sleep } from "node:timers/promises"
import { nearest } from "../../config/nearest.js"
import { schemaAt, shippedSchemas } from "../../config/schemas.js"
import type { ExplainReading, LeaseWish, Log, MetricsTotals } from "../../kernel/contract.js"
import { readingRestartedError, readingStoppedError } from "../../kernel/errors.js"
import { type AbFigure, type AbVerdict, isOn, judgeBlocks } from "../../measure/ab-verdict.js"
import { figuresBetween, type IntervalFigures } from "../../measure/figures.js"
import {
  tunableMaskedError,
  tunableNotInForceError,
  tunableRealVenueError,
  tunableStillError,
  tunableUnknownError,
} from "../../tuning/errors.js"
import type { TunableReading, TuningToggle } from "../../tuning/tunable.js"
import { columns } from "../columns.js"
import { EngineClient } from "../engine-client.js"
import type { CliEnvironment } from "../environment.js"
import { findEngine } from "../find-engine.js"

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
interface Measured {
  readonly id: string
  readonly off: object
  readonly on: object
  /** "already so": it is the same with and without, so that there is nothing to measure. */
  readonly verdict: AbVerdict | "already so"
  /** Why nothing was measured. */
  readonly why?: string
  readonly figures: readonly AbFigure[]
}

/**
 * Switches each tunable on and off in a running engine, block by block in the order ABBA, and says what it does to the
 * latencies. The engine has the options back after each, also when this is killed: it holds them by a lease. Returns 0.
 */
export async function tuneMeasure(options: TuneMeasureOptions, environment: CliEnvironment): Promise<number> {
  const { stdout } = environment
  const client = await findEngine(environment, { url: options.url })
  const { config } = await client.get<ConfigAnswer>("/api/config", "config")
  if (config.venue.kind !== (await embeddedKind()) && !options.anyVenue) throw tunableRealVenueError(config.venue.kind)
  const toggles = await findToggles(client, options.ids)
  const measured: Measured[] = []
  for (const [id, toggle] of toggles) {
    const one = { id, off: toggle.off, on: toggle.on, ...(await measureOne(client, id, toggle, options, environment)) }
    measured.push(one)
    if (!options.json) stdout.write(describe(one))
  }
  if (options.json) stdout.write(`${JSON.stringify({ measured }, null, 2)}\n`)
  return 0
}

async function measureOne(
  client: EngineClient,
  id: string,
  toggle: TuningToggle,
  options: TuneMeasureOptions,
  { env, signal }: CliEnvironment,
): Promise<Pick<Measured, "verdict" | "why" | "figures">> {
  const { blocks, seconds, log } = options
  const holder = `veloz tune measure (process ${process.pid})`
  const lease: LeaseWish = { holder, paths: [toggle.path], seconds: Math.ceil(seconds) + LEASE_SLACK_SECONDS }
  const trial: Trial = { client, id, toggle, lease, signal }
  try {
    await client.post(LEASE, "ok", lease)
    const why = await sameEitherWay(trial)
    if (why !== undefined) return { verdict: "already so", why, figures: [] }
    log.info(`${id}: ${blocks} blocks of ${seconds} s`)
    return judgeBlocks(await runBlocks(trial, options))
  } catch (error) {
    throw signal.aborted ? readingStoppedError() : error
  } finally {
    // By a client of its own: the signal that stopped the measurement must not stop this.
    const last = new EngineClient(client.url, env.VELOZ_API_TOKEN || undefined, new AbortController().signal)
    await last.post(LEASE, "ok", { ...lease, seconds: 0 }).catch((error: Error) => {
      log.warn(`${toggle.path} goes back within ${lease.seconds} s, if the engine runs: ${error.message}`)
    })
  }
}

/** One tunable that is switched, and what the engine is told so that it goes back by itself. */
interface Trial {
  readonly client: EngineClient
  readonly id: string
  readonly toggle: TuningToggle
  readonly lease: LeaseWish
  readonly signal: AbortSignal
}

const LEASE = "/api/config/lease"
/** A switch and its answer take a part of the lease, too. */
const LEASE_SLACK_SECONDS = 15

interface ConfigAnswer {
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
  { client, toggle, lease, signal }: Trial,
  { blocks, seconds }: TuneMeasureOptions,
): Promise<IntervalFigures[]> {
  const figures: IntervalFigures[] = []
  let standing: boolean | undefined
  let run: string | undefined
  for (let block = 0; block < blocks; block += 1) {
    const wanted = isOn(block)
    await client.post(LEASE, "ok", lease)
    if (wanted !== standing) await client.post(toggle.request, "ok", wanted ? toggle.on : toggle.off)
    standing = wanted
    await sleep(SETTLE_MS, undefined, { signal })
    const before = await client.get<MetricsTotals>("/api/metrics/totals", "run")
    await sleep(seconds * 1000, undefined, { signal })
    const after = await client.get<MetricsTotals>("/api/metrics/totals", "run")
    run ??= before.run
    if (after.run !== run) throw readingRestartedError(client.url)
    figures.push(figuresBetween(before, after))
  }
  return figures
}

/** Switches it once, off and on, and says why that changes nothing. Throws when it cannot be switched here. */
async function sameEitherWay(trial: Trial): Promise<string | undefined> {
  const { client, id, toggle, signal } = trial
  const readWith = async (body: object): Promise<TunableReading> => {
    await client.post(toggle.request, "ok", body)
    await sleep(SETTLE_MS, undefined, { signal })
    return (await readTunables(client)).find((tunable) => tunable.id === id)!
  }
  const off = await readWith(toggle.off)
  const on = await readWith(toggle.on)
  const option = await explain(client, toggle.path)
  if (option.set_by !== null && MASKS.has(option.set_by.layer)) throw tunableMaskedError(id, option)
  // What is wished for and not in force has no effect, and would be told to have none.
  if (on.verified !== true && on.state !== "placebo") {
    const mode = on.plugin === "kernel-tuning" ? await explain(client, "plugins.kernel-tuning.mode") : undefined
    throw tunableNotInForceError(id, on, mode)
  }
  if (stateOf(on) === UNKNOWN || stateOf(on) !== stateOf(off)) return undefined
  const found = on.found ?? on.parts?.map((part) => part.found).join(", ")
  return `it is ${found} with it and without${on.note === null ? "" : ` (${on.note})`}`
}

async function explain(client: EngineClient, path: string): Promise<ExplainReading["options"][number]> {
  const address = `/api/config/explain?path=${encodeURIComponent(path)}`
  return (await client.get<ExplainReading>(address, "options")).options[0]
}

const stateOf = ({ found, parts = [] }: TunableReading): string =>
  JSON.stringify([found, ...parts.map((part) => part.found)])
/** Nobody can tell what is in force. */
const UNKNOWN = JSON.stringify([null])
/** Layers over that of requests. */
const MASKS: ReadonlySet<string> = new Set(["environment", "argument"])

// ---- for people

const HEAD = ["", "without, us", "with, us", "effect", "p", "control", "its p", ""]

function describe({ id, verdict, why, figures, off, on }: Measured): string {
  const title = `${id}: ${verdict}  (${text(off)} against ${text(on)})`
  if (why !== undefined) return `${title}\n  nothing to measure: ${why}\n\n`
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

/** The venue of those who choose none is an exchange on this machine, where nobody loses anything. */
const embeddedKind = async (): Promise<unknown> => schemaAt((await shippedSchemas()).root, ["venue", "kind"])?.default

const text = (body: object): string => JSON.stringify(body).slice(1, -1).replaceAll('"', "")
