import { bounded, settled } from "./bounded.js"
import { type Bundle, BundleError, bundle } from "./bundle.js"
import { codeProblems, sourceProblem } from "./code-problems.js"
import type { Diagnostic } from "./diagnostic.js"
import { type Evaluated, EvaluationError, evaluate } from "./evaluate.js"
import { type ConfigPath, valueAt } from "./path.js"
import { Provenance } from "./provenance.js"
import { readText } from "./read-text.js"
import { failedSource, type Source, type SourceContext, withFrame } from "./source.js"
import type { ConfigEnv } from "./types.js"

/** A TypeScript or JavaScript file: bundled, evaluated, and called if its default export is a function. */
export async function readScript(file: string, context: SourceContext): Promise<Source> {
  const read = await readText(file)
  if ("problem" in read) return failedSource(file, [file], [read.problem])
  let files: readonly string[] = [file]
  try {
    const made = await bundle(file)
    files = made.files
    const repeated = made.warnings.filter((warning) => warning.id === "duplicate-object-key")
    if (repeated.length > 0)
      return failedSource(
        file,
        files,
        repeated.map((problem) => sourceProblem(problem, file)),
      )
    const failure = await failureOfTrial(made, context)
    if (failure !== undefined) return failedSource(file, files, [failure])
    const provenance = provenanceOf(made)
    const evaluated = evaluate(made, context.modules, provenance)
    const value = await defaultExport(file, evaluated, context)
    const locate: Source["locate"] = (path, part = "value") => {
      const offset = provenance && offsetIn(value, path, part, provenance)
      return withFrame((offset !== undefined && evaluated.placeAt(offset)) || { file })
    }
    return { file, value, files, problems: [], locate }
  } catch (error) {
    const problems = codeProblems(error, file)
    if (problems === undefined) throw error
    return failedSource(file, error instanceof BundleError ? error.files : files, problems)
  }
}

async function failureOfTrial(made: Bundle, { trial }: SourceContext): Promise<Diagnostic | undefined> {
  try {
    await trial?.(made)
    return undefined
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return { code, message, path: "", file: made.entry }
  }
}

async function defaultExport(file: string, evaluated: Evaluated, context: SourceContext): Promise<unknown> {
  const exported = exportOf(evaluated.exports)
  if (!isToBeCalled(exported)) return exported
  try {
    return await settled(bounded(() => exported(context.env)))
  } catch (thrown) {
    const stack = thrown instanceof Error ? String(thrown.stack) : ""
    throw new EvaluationError(file, thrown, evaluated.placeOf(stack))
  }
}

function provenanceOf(made: Bundle): Provenance | undefined {
  try {
    return new Provenance(made.code)
  } catch (error) {
    // A syntax younger than the parser costs places, and nothing else.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Where a value was written, or the closest thing around it that a literal wrote. */
function offsetIn(root: unknown, path: ConfigPath, part: "key" | "value", provenance: Provenance): number | undefined {
  let offset: number | undefined
  let node = root
  for (const [index, key] of path.entries()) {
    offset = provenance.offsetOf(node, key, index === path.length - 1 ? part : "key") ?? offset
    node = valueAt(node, [key])
  }
  return offset
}

/** The default export of a module, or all that a CommonJS file exports. */
export function exportOf(exports: Readonly<Record<string, unknown>>): unknown {
  if ("default" in exports) return exports.default
  const isEmpty = typeof exports === "object" && Object.keys(exports).length === 0
  return "__esModule" in exports || isEmpty ? undefined : exports
}

/** A configuration may be a function. A plugin is callable too, and no configuration. */
export function isToBeCalled(exported: unknown): exported is (env: ConfigEnv) => unknown {
  return typeof exported === "function" && !("kind" in exported)
}
