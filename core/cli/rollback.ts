import { show } from "../config/errors.js"
import { isSame } from "../config/same.js"
import { neverInForceError } from "../history/errors.js"
import type { HistoryFolder } from "../history/folder.js"
import { readAttempt, type WholeAttempt } from "../history/read.js"
import type { Rollback } from "../kernel/contract.js"
import { describeRollback } from "../kernel/describe-rollback.js"
import { VelozError } from "../kernel/errors.js"
import type { CliEnvironment } from "./environment.js"
import { describeFailure } from "./failure.js"
import { findEngine } from "./find-engine.js"
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
  const source = await firstOf(history, attempt)
  const restore = write ? await prepareRestore(history, source) : undefined
  const asked = await askEngine(options, environment)
  if (asked instanceof VelozError && restore === undefined) throw asked
  const files = (await restore?.()) ?? []
  const outcome = asked instanceof VelozError ? undefined : asked
  if (json) stdout.write(`${JSON.stringify({ ...outcome, files }, null, 2)}\n`)
  else stdout.write(`${describe(outcome, write ? { files, source } : undefined, history.root).join("\n")}\n`)
  if (!(asked instanceof VelozError)) return 0
  stderr.write(`${describeFailure(asked, env)}\n`)
  return asked.code === "VELOZ_ENGINE_AWAY" ? 0 : 1
}

/** A generation that was brought back itself stood beside files that said otherwise: those of the first one fit. */
async function firstOf(history: HistoryFolder, attempt: WholeAttempt): Promise<WholeAttempt> {
  if (attempt.restores === null) return attempt
  const earlier = await readAttempt(history, attempt.restores).catch(() => undefined)
  return earlier === undefined ? attempt : firstOf(history, earlier)
}

/** What the engine answers, or why it gives no answer, or another. */
async function askEngine(
  { generation, url, config }: RollbackOptions,
  environment: CliEnvironment,
): Promise<Rollback | VelozError> {
  const client = await findEngine(environment, { url, config, patienceMs: DEADLINE_MS })
  try {
    return await client.post<Rollback>("/api/config/rollback", "restored", { generation })
  } catch (error) {
    if (error instanceof VelozError) return error
    throw error
  }
}

/** Plugins may take their time to prepare. */
const DEADLINE_MS = 60_000

/** Files that were put back, and the generation of which they are. */
interface Written {
  readonly files: readonly RestoredFile[]
  readonly source: WholeAttempt
}

function describe(outcome: Rollback | undefined, written: Written | undefined, root: string): string[] {
  const disk = written === undefined ? {} : { file_differs: [], file_refused: null, earlier_code: [] }
  return [
    ...(outcome === undefined ? [] : [describeState(outcome), ...describeRollback({ ...outcome, ...disk }, root)]),
    ...(written === undefined ? [] : describeWritten(written)),
    ...(outcome === undefined ? ["the next start reads them"] : []),
  ]
}

function describeState({ generation, restored }: Rollback): string {
  const state = generation === restored ? "already" : `with the values and the code of generation ${restored}`
  return `generation ${generation} is in force, ${state}`
}

function describeWritten({ files, source }: Written): string[] {
  const lines = files.map(({ file, replaced }) => {
    const kept = replaced === undefined ? "" : `; what stood there is kept in ${replaced}`
    return `${file} is as it was in generation ${source.number}${kept}`
  })
  if (files.length === 0) lines.push(`the files stand as in generation ${source.number} already`)
  return [...lines, ...setByRequests(source)]
}

/** What the files did not say then, either. */
function setByRequests({ config_origins }: WholeAttempt): string[] {
  return Object.entries(config_origins ?? {}).flatMap(([path, [winner, below]]) => {
    if (winner.layer !== "api" || isSame(winner.value, below?.value)) return []
    const next = below === undefined ? "is not set" : `is ${show(below.value)}`
    return `${path} was ${show(winner.value)} by ${winner.source}, and no file says so: after the next start it ${next}`
  })
}
