import type { Restored } from "../config/configuration.js"
import type { EffectiveConfig } from "../config/effective.js"
import { isSame } from "../config/same.js"
import { isHidden } from "../config/secrets.js"
import { codeGoneError, neverInForceError } from "../history/errors.js"
import { openOrigins } from "../history/open.js"
import { type HistoryReader, readAttempt } from "../history/read.js"
import type { Rollback } from "./contract.js"
import type { EarlierCode } from "./plugin-sources.js"

/** What ran as a generation that is to come back. */
export interface Earlier {
  readonly values: Readonly<Record<string, unknown>>
  readonly codes: readonly EarlierCode[]
}

export async function readEarlier(history: HistoryReader, number: number): Promise<Earlier> {
  const { outcome, config, plugins } = await readAttempt(history, number)
  if (outcome !== "committed" || config === null) throw neverInForceError(number, outcome)
  const codes = plugins.flatMap(({ specifier, bundle }): EarlierCode[] => {
    if (bundle === null) return []
    const { entry, plugin, hash, object } = bundle
    const read = (): Promise<string> =>
      history.get(object).catch((error: Error) => {
        throw codeGoneError(number, specifier, error.message)
      })
    return [{ specifier, entry, hash, ...(plugin !== null && { plugin }), read }]
  })
  return { values: config, codes }
}

/** What came back, and what did not. */
export function rollbackOf(
  restored: number,
  generation: number,
  config: EffectiveConfig,
  kept: Restored["kept"],
  disk: { readonly refusedSave: number | undefined; readonly earlierCode: readonly string[] },
): Rollback {
  return {
    generation,
    restored,
    kept: kept.map(({ path, from, to, by }) => ({ path, value: from, wanted: to, source: by?.source ?? "" })),
    file_differs: disk.refusedSave === undefined ? fileDiffers(config) : [],
    file_refused: disk.refusedSave ?? null,
    earlier_code: disk.earlierCode,
  }
}

/** Options that the file will bring with the next start, since what is in force is the API's. */
function fileDiffers(config: EffectiveConfig): Rollback["file_differs"] {
  return Object.entries(openOrigins(config.origins)).flatMap(([path, [winner, ...others]]) => {
    const written = others.find(({ layer }) => layer === "file")
    if (winner.layer !== "api" || written === undefined) return []
    if (isSame(winner.value, written.value) || isHidden(written.value)) return []
    const { value: file_value, file = "", line = 0, column = 0 } = written
    return [{ path, value: winner.value, file_value, file, line, column }]
  })
}
