import { differences, type ValueChange } from "../config/differences.js"
import type { Origin } from "../config/effective.js"
import { isSwitch } from "../config/layers.js"
import { parsePath } from "../config/path.js"
import { reordered } from "../config/reordered.js"
import { attemptUnreadError } from "./errors.js"
import type { WholeAttempt } from "./read.js"

/** What two attempts differ in. */
export interface AttemptDifference {
  readonly options: readonly OptionDifference[]
  /** Plugins whose code is another, by the beginnings of its hashes; null where there is none. */
  readonly code: readonly { readonly plugin: string; readonly from: string | null; readonly to: string | null }[]
  /** Plugins that start in another order. */
  readonly order: readonly string[]
  /** Releases of VeloZ. */
  readonly versions: readonly [from: string, to: string]
}

export interface OptionDifference extends ValueChange {
  /** Who set it; undefined where nobody did. */
  readonly from_origin: Origin | undefined
  readonly to_origin: Origin | undefined
}

export function compareAttempts(from: WholeAttempt, to: WholeAttempt): AttemptDifference {
  const changes = differences(valuesOf(from), valuesOf(to)).filter((change) => !isOffBoth(change))
  return {
    options: changes.map((change) => ({
      ...change,
      from_origin: from.config_origins?.[change.path]?.[0],
      to_origin: to.config_origins?.[change.path]?.[0],
    })),
    code: codeDifferences(from, to),
    order: reordered(namesOf(from), namesOf(to)),
    versions: [from.engine.version, to.engine.version],
  }
}

function valuesOf({ number, config }: WholeAttempt): object {
  if (config === null) throw attemptUnreadError(number)
  return config
}

/** A plugin that is off is as good as one that is not named. */
function isOffBoth({ path, from, to }: ValueChange): boolean {
  return isSwitch(parsePath(path) ?? []) && !from && !to
}

function codeDifferences(from: WholeAttempt, to: WholeAttempt): AttemptDifference["code"] {
  const [before, after] = [codesOf(from), codesOf(to)]
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((plugin) => {
    const [old, now] = [before.get(plugin) ?? null, after.get(plugin) ?? null]
    return old === now ? [] : { plugin, from: old, to: now }
  })
}

const namesOf = ({ plugins }: WholeAttempt): string[] => plugins.map(({ name }) => name)

function codesOf({ plugins }: WholeAttempt): Map<string, string> {
  return new Map(plugins.flatMap(({ name, bundle }) => (bundle === null ? [] : [[name, bundle.hash.slice(0, 12)]])))
}
