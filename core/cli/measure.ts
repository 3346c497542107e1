import { setTimeout as sleep } from "node:timers/promises"
import { withoutSecrets } from "../config/secrets.js"
import type { Log, MetricsTotals, ProfileAdvice } from "../kernel/contract.js"
import { readingEmptyError, readingRestartedError, readingStoppedError } from "../kernel/errors.js"
import { findBottlenecks } from "../measure/bottlenecks.js"
import { countersBetween, figuresBetween } from "../measure/figures.js"
import { FORMAT, KIND, type Reading } from "../measure/reading.js"
import type { EngineClient } from "./engine-client.js"
import type { CliEnvironment } from "./environment.js"
import { findEngine } from "./find-engine.js"
import { describeReading } from "./reading-table.js"
import { WholeFile } from "./whole-file.js"

export interface MeasureOptions {
  readonly seconds: number
  readonly url: string | undefined
  readonly save: string | undefined
  readonly json: boolean
  readonly log: Log
}

/** Takes a reading of a running engine over the seconds that follow, prints it, and saves it. */
export async function measure(options: MeasureOptions, environment: CliEnvironment): Promise<number> {
  const { signal, stdout } = environment
  const { seconds, save, json, log } = options
  // Now, and not after the wait.
  const file = save === undefined ? undefined : await WholeFile.at(save)
  const client = await findEngine(environment, { url: options.url })
  try {
    const reading = await take(client, seconds, signal, log)
    const text = `${JSON.stringify(reading, null, 2)}\n`
    await file?.write(text)
    stdout.write(json ? text : describeReading(reading, file?.path))
    return 0
  } catch (error) {
    if (signal.aborted) throw readingStoppedError()
    throw error
  }
}

/** So many that their ranks tell a difference from noise, and so few that percentiles of each have their samples. */
const SLICES = 10

interface TotalsAnswer extends MetricsTotals {
  version: string
  machine: Record<string, string | number>
  advice: ProfileAdvice
}

interface ConfigAnswer {
  generation: number
  config: Record<string, unknown>
}

async function take(client: EngineClient, seconds: number, signal: AbortSignal, log: Log): Promise<Reading> {
  const before = await readConfig(client)
  log.info(`measuring ${client.url} for ${seconds} s`)
  const startedAt = new Date().toISOString()
  const totals = await collectTotals(client, seconds, signal)
  const endedAt = new Date().toISOString()
  const after = await readConfig(client)
  const [first, last] = [totals[0], totals[SLICES]]
  const figures = figuresBetween(first, last)
  if (Object.values(figures.latency).every(({ count }) => count === 0)) throw readingEmptyError(client.url, seconds)
  if (before.generation !== after.generation) {
    log.warn(`the configuration changed during the reading (generation ${before.generation}, then ${after.generation})`)
  }
  return {
    kind: KIND,
    format: FORMAT,
    started_at: startedAt,
    ended_at: endedAt,
    url: client.url,
    version: last.version,
    machine: last.machine,
    configuration: {
      first_generation: before.generation,
      last_generation: after.generation,
      values: withoutSecrets(after.config) as Record<string, unknown>,
    },
    ...figures,
    bottlenecks: findBottlenecks(figures.profile, last.advice),
    counters: countersBetween(first, last),
    slices: totals.slice(1).map((now, index) => figuresBetween(totals[index], now)),
  }
}

/** The totals at the beginning and after each slice of the time. */
async function collectTotals(client: EngineClient, seconds: number, signal: AbortSignal): Promise<TotalsAnswer[]> {
  const totals = [await readTotals(client)]
  const startedMs = performance.now()
  for (let slice = 1; slice <= SLICES; slice += 1) {
    const dueMs = startedMs + (slice / SLICES) * seconds * 1000
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal })
    totals.push(await readTotals(client))
    if (totals[slice].run !== totals[0].run) throw readingRestartedError(client.url)
  }
  return totals
}

function readConfig(client: EngineClient): Promise<ConfigAnswer> {
  return client.get<ConfigAnswer>("/api/config", "generation")
}

function readTotals(client: EngineClient): Promise<TotalsAnswer> {
  return client.get<TotalsAnswer>("/api/metrics/totals", "run")
}
