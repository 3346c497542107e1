import { neverInForceError } from "../history/errors.js"
import type { HistoryFolder } from "../history/folder.js"
import { readAttempt } from "../history/read.js"
import type { Rollback } from "../kernel/contract.js"
import { describeRollback } from "../kernel/describe-rollback.js"
import { VelozError } from "../kernel/errors.js"
import { EngineClient, engineUrl } from "./engine-client.js"
import type { CliEnvironment } from "./environment.js"
import { describeFailure } from "./failure.js"
import { openHistory } from "./history.js"
import { prepareRestore, type RestoredFile } from "./restore-files.js"

export interface RollbackOptions {
  readonly generation: number
  readonly write: boolean
  readonly url?: string | undefined
  readonly json: boolean
  readonly config?: string | undefined
}

/**
 * Brings a generation back: into the engine that runs, and with --write into the files, from which the next start reads.
 * What the engine refuses is written all the same: it may need a restart for it.
 */
export async function rollback(options: RollbackOptions, environment: CliEnvironment): Promise<number> {
  const { generation, write, json, config } = options
  const { stdout, stderr, env } = environment
  const history = await openHistory(config, environment)
  const attempt = await readAttempt(history, generation)
  if (attempt.outcome !== "committed") throw neverInForceError(generation, attempt.outcome)
  const restore = write ? await prepareRestore(history, attempt) : undefined
  const asked = await askEngine(options, history, environment)
  if (asked instanceof VelozError && restore === undefined) throw asked
  const files = (await restore?.()) ?? []
  const outcome = asked instanceof VelozError ? undefined : asked
  if (json) stdout.write(`${JSON.stringify({ ...outcome, files }, null, 2)}\n`)
  else stdout.write(`${describeOutcome(outcome, files, options, history.root).join("\n")}\n`)
  if (!(asked instanceof VelozError)) return 0
  stderr.write(`${describeFailure(asked, env)}\n`)
  return asked.code === "VELOZ_ENGINE_AWAY" ? 0 : 1
}

/** What the engine answers, or why it gives no answer, or another. */
async function askEngine(
  { generation, url }: RollbackOptions,
  history: HistoryFolder,
  { env, signal }: CliEnvironment,
): Promise<Rollback | VelozError> {
  const address = url ?? (await runningUrl(history)) ?? engineUrl(env)
  const client = new EngineClient(address, env.VELOZ_API_TOKEN || undefined, signal, DEADLINE_MS)
  try {
    return await client.post<Rollback>("/api/config/rollback", "restored", { generation })
  } catch (error) {
    if (error instanceof VelozError) return error
    throw error
  }
}

/** Plugins may take their time to prepare. */
const DEADLINE_MS = 60_000

/** Where the engine of this project listens: the newest that lives, if it is on this machine. */
async function runningUrl(history: HistoryFolder): Promise<string | undefined> {
  for (const number of (await history.numbers()).slice(0, 100)) {
    const attempt = await history.read(number).catch(() => undefined)
    if (attempt?.engine.url && isRunning(attempt.engine.pid)) {
      const { hostname, port } = new URL(attempt.engine.url)
      return engineUrl({ VELOZ_HOST: hostname.replace(/^\[|\]$/g, ""), VELOZ_PORT: port })
    }
  }
  return undefined
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}

function describeOutcome(
  outcome: Rollback | undefined,
  files: readonly RestoredFile[],
  { generation, write }: RollbackOptions,
  root: string,
): string[] {
  const lines = files.map(({ file, replaced }) => {
    const kept = replaced === undefined ? "" : `; what stood there is kept in ${replaced}`
    return `${file} is as it was in generation ${generation}${kept}`
  })
  if (write && files.length === 0) lines.push(`the files stand as in generation ${generation} already`)
  if (outcome === undefined) return [...lines, "the next start reads them"]
  const { generation: now, restored } = outcome
  const state = now === restored ? "already" : `with the values and the code of generation ${restored}`
  const remains = write ? { ...outcome, file_differs: [], file_refused: null, earlier_code: [] } : outcome
  return [`generation ${now} is in force, ${state}`, ...describeRollback(remains, root), ...lines]
}
