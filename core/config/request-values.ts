import type { Diagnostic } from "./diagnostic.js"
import type { EffectiveConfig } from "./effective.js"
import { requestValueError } from "./errors.js"
import { isSame } from "./same.js"

/**
 * Options that a request would give a value that only the file, the environment or the command line may (x-veloz-request).
 * Whatever way the request took there: through the option, its plugin, or a generation that it brings back.
 */
export function refusedToRequests(old: EffectiveConfig, next: EffectiveConfig): Diagnostic[] {
  return next.plugins.flatMap(({ name, options }) => {
    const before = old.plugins.find((entry) => entry.name === name)?.options
    const rules = Object.entries(next.schemas.get(name)?.properties ?? {})
    return rules.flatMap(([option, { "x-veloz-request": permitted }]) => {
      const value = options[option]
      if (permitted === undefined || permitted.includes(value)) return []
      if (before !== undefined && isSame(before[option], value)) return []
      return requestValueError(["plugins", name, option], value, permitted)
    })
  })
}
