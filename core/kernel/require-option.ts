import type { EffectiveConfig } from "../config/effective.js"
import { explain, nearestPath } from "../config/explain.js"
import { optionUnknownError } from "./errors.js"

/** Throws, with the nearest name, when there is no option of this path. */
export function requireOption(config: EffectiveConfig, path = ""): void {
  if (explain(config, path).length === 0) throw optionUnknownError(path, nearestPath(config, path))
}
