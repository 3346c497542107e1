import type { Diagnostic } from "./diagnostic.js"
import type { Layer } from "./layers.js"
import { formatPath, parsePath } from "./path.js"
import type { Source } from "./source.js"
import type { Finding } from "./validate.js"

/** A finding with its place in the layer that it was found in; where no file holds the layer, with the layer's name. */
export function located({ keys, part, diagnostic }: Finding, layer: Layer): Diagnostic {
  const place = layer.locate(keys, part)
  if (place !== undefined) return { ...diagnostic, ...place }
  if (layer.kind === "file") return diagnostic
  const source = layer.leaves.get(formatPath(keys))?.source ?? layer.source
  return { ...diagnostic, message: `${diagnostic.message} (${source})` }
}

/** A problem that has no place yet, with that of its path in a file. */
export function pointedAt(problem: Diagnostic, source: Source | undefined): Diagnostic {
  const keys = parsePath(problem.path)
  if (problem.file !== undefined || keys === undefined || source === undefined) return problem
  return { ...problem, ...source.locate(keys) }
}
