import { access } from "node:fs/promises"
import { BundleError, bundle, type SourceProblem } from "./bundle.js"
import type { Diagnostic } from "./diagnostic.js"
import { evaluationError, type Located, syntaxError } from "./errors.js"
import { type Evaluated, EvaluationError, evaluate } from "./evaluate.js"
import { failedSource, type Source, type SourceContext, unreadable, withFrame } from "./source.js"

/** A TypeScript or JavaScript file: bundled, evaluated, and called if its default export is a function. */
export async function readScript(file: string, context: SourceContext): Promise<Source> {
  try {
    await access(file)
  } catch (error) {
    return failedSource(file, [file], [unreadable(file, error)])
  }
  let files: readonly string[] = [file]
  try {
    const made = await bundle(file)
    files = made.files
    const repeated = made.warnings.filter((warning) => warning.id === "duplicate-object-key")
    if (repeated.length > 0) return failedSource(file, files, await Promise.all(repeated.map(asSyntaxError)))
    const provenance = new Provenance(made.code)
    const evaluated = evaluate(made, context.modules, provenance)
    const value = await defaultExport(file, evaluated, context)
    const locate = (path: ConfigPath, part: "key" | "value" = "value") => locateIn(value, path, part, provenance, evaluated)
    return { file, value, files, problems: [], locate: (path, part) => framed(locate(path, part) ?? { file }) }
  } catch (error) {
    if (error instanceof BundleError) {
      return failedSource(file, error.files, await Promise.all(error.problems.map(asSyntaxError)))
    }
    return failedSource(file, files, [await problemOf(file, error)])
  }
}

async function defaultExport(file: string, evaluated: Evaluated, context: SourceContext): Promise<unknown> {
  const exported = exportOf(evaluated.exports)
  if (typeof exported !== "function" || isPlugin(exported)) return exported
  try {
    return await (exported as (env: unknown) => unknown)(context.env)
  } catch (thrown) {
    const stack = thrown instanceof Error ? String(thrown.stack) : ""
    throw new EvaluationError(file, thrown, evaluated.placeOf(stack))
  }
}

/** The place of a value, or of the closest thing around it that a literal wrote. */
function locateIn(
  root: unknown,
  path: ConfigPath,
  part: "key" | "value",
  provenance: Provenance,
  evaluated: Evaluated,
): Place | undefined {
  let place: Place | undefined
  let node = root
  for (const [index, key] of path.entries()) {
    const isLast = index === path.length - 1
    const offset = provenance.offsetOf(node, key, isLast ? part : "key")
    if (offset !== undefined) place = evaluated.placeAt(offset) ?? place
    node = valueAt(node, [key])
  }
  return place
}

/** The default export of a module, or all that a CommonJS file exports. */
function exportOf(exports: Readonly<Record<string, unknown>>): unknown {
  if ("default" in exports) return exports.default
  const isEmpty = typeof exports === "object" && Object.keys(exports).length === 0
  return "__esModule" in exports || isEmpty ? undefined : exports
}

/** A plugin is callable too, and no configuration. */
function isPlugin(exported: object): boolean {
  return "kind" in exported
}

async function problemOf(file: string, error: unknown): Promise<Diagnostic> {
  if (error instanceof EvaluationError) {
    return evaluationError(await withFrame(error.place ?? { file }), error.cause)
  }
  throw error
}

async function asSyntaxError(problem: SourceProblem): Promise<Diagnostic> {
  return syntaxError(await locatedOf(problem), problem.text)
}

async function locatedOf(problem: SourceProblem): Promise<Located> {
  const { file, line, column } = problem
  return withFrame({ file: file ?? "", line, column })
}
