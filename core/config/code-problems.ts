import { BundleError, type SourceProblem } from "./bundle.js"
import type { Diagnostic } from "./diagnostic.js"
import { duplicateKeyError, evaluationError, syntaxError, topLevelAwaitError } from "./errors.js"
import { EvaluationError } from "./evaluate.js"
import { withFrame } from "./source.js"

/** What is wrong with a script that could not be bundled or evaluated, where it is wrong; `undefined` for other errors. */
export function codeProblems(error: unknown, entry: string): Diagnostic[] | undefined {
  if (error instanceof BundleError) return error.problems.map((problem) => sourceProblem(problem, entry))
  if (error instanceof EvaluationError) return [evaluationError(withFrame(error.place ?? { file: entry }), error.cause)]
  return undefined
}

export function sourceProblem({ id, file, line, column, text }: SourceProblem, entry: string): Diagnostic {
  const place = withFrame(file === undefined ? { file: entry } : { file, line, column })
  const [, key] = id === "duplicate-object-key" ? (/^Duplicate key "(.*)" in/.exec(text) ?? []) : []
  if (key !== undefined) return duplicateKeyError(key, place)
  return text.startsWith("Top-level await") ? topLevelAwaitError(place) : syntaxError(place, text)
}
