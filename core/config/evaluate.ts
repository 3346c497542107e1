import Module, { createRequire, SourceMap } from "node:module"
import { dirname, resolve } from "node:path"
import { bounded } from "./bounded.js"
import type { Bundle } from "./bundle.js"
import { openDoor } from "./door.js"
import { type Place, positionAt } from "./place.js"

/** What a bundle exports, and how the places in it are found again in the files that it was made of. */
export interface Evaluated {
  readonly exports: Readonly<Record<string, unknown>>
  /** A stack with the places of the sources instead of those of the bundle. */
  mapStack(stack: string): string
  /** The innermost place of a stack that lies in the sources. */
  placeOf(stack: string): Place | undefined
  /** The place in the sources of an offset in the bundle's code. */
  placeAt(offset: number): Place | undefined
}

/** A rewriting of a bundle's code that moves columns and leaves lines alone. */
export interface Instrumented {
  readonly code: string
  /** What the rewritten code may name. */
  readonly scope: Readonly<Record<string, unknown>>
  originalColumn(line: number, column: number): number
}

/** An error that the code of a bundle threw while it was evaluated. Its `cause` is what was thrown. */
export class EvaluationError extends Error {
  readonly code = "VELOZ_EVALUATION"
  readonly place: Place | undefined

  constructor(entry: string, thrown: unknown, place: Place | undefined) {
    super(`${entry} threw ${thrown instanceof Error ? thrown.message : String(thrown)}`, { cause: thrown })
    this.name = "EvaluationError"
    this.place = place
  }
}

/**
 * Runs a bundle. `modules` are the running engine's own: `require("veloz")` answers from them, so that there is one
 * instance of the engine wherever the file lives. Everything else is found from the file's own folder.
 */
export function evaluate(
  bundle: Pick<Bundle, "entry" | "code" | "hash">,
  modules: Readonly<Record<string, unknown>>,
  instrumented?: Instrumented,
): Evaluated {
  const virtualFile = `${bundle.entry}?bundle=${bundle.hash.slice(0, 12)}`
  const mapper = new StackMapper(bundle, virtualFile, instrumented)
  try {
    return {
      exports: bounded(() => run(bundle, virtualFile, modules, instrumented)),
      mapStack: (stack) => mapper.mapStack(stack),
      placeOf: (stack) => mapper.placeOf(stack),
      placeAt: (offset) => mapper.placeAt(offset),
    }
  } catch (thrown) {
    const stack = thrown instanceof Error ? String(thrown.stack) : ""
    if (thrown instanceof Error) thrown.stack = mapper.mapStack(stack)
    throw new EvaluationError(bundle.entry, thrown, mapper.placeOf(stack))
  }
}

function run(
  bundle: Pick<Bundle, "entry" | "code">,
  virtualFile: string,
  modules: Readonly<Record<string, unknown>>,
  instrumented: Instrumented | undefined,
): Record<string, unknown> {
  const module = { exports: {} }
  const outside = createRequire(bundle.entry)
  const open = (name: string): unknown => (Object.hasOwn(modules, name) ? modules[name] : outside(name))
  const scope = {
    exports: module.exports,
    require: (name: string) => openDoor(name, open),
    module,
    __filename: bundle.entry,
    __dirname: dirname(bundle.entry),
    ...instrumented?.scope,
  }
  compile(instrumented?.code ?? bundle.code, Object.keys(scope), virtualFile)(...Object.values(scope))
  return module.exports
}

/**
 * Compiles on a fresh module, which the collector takes back after a reload; `import()` of a changed address and a
 * deleted cache entry of `require` are kept for ever. The wrapper stays on the first line, so that lines are true.
 */
function compile(code: string, names: readonly string[], virtualFile: string): (...values: unknown[]) => void {
  const module = new Module(virtualFile) as Module & { _compile(code: string, filename: string): void }
  module.filename = virtualFile
  module._compile(`module.exports = function (${names.join(", ")}) { ${code}\n}`, virtualFile)
  return module.exports as (...values: unknown[]) => void
}

class StackMapper {
  readonly #bundle: Pick<Bundle, "entry" | "code">
  readonly #virtualFile: string
  readonly #instrumented: Instrumented | undefined
  #map: SourceMap | undefined

  constructor(bundle: Pick<Bundle, "entry" | "code">, virtualFile: string, instrumented: Instrumented | undefined) {
    this.#bundle = bundle
    this.#virtualFile = virtualFile
    this.#instrumented = instrumented
  }

  mapStack(stack: string): string {
    return stack.replaceAll(this.#position(), (whole, line: string, column: string) => {
      const place = this.#thrownAt(Number(line), Number(column))
      return place === undefined ? whole : `${place.file}:${place.line}:${place.column}`
    })
  }

  placeOf(stack: string): Place | undefined {
    for (const match of stack.matchAll(this.#position())) {
      const place = this.#thrownAt(Number(match[1]), Number(match[2]))
      if (place !== undefined) return place
    }
    return undefined
  }

  placeAt(offset: number): Place | undefined {
    const { line, column } = positionAt(this.#bundle.code, offset)
    return this.#source(line, column)
  }

  #thrownAt(line: number, column: number): Place | undefined {
    return this.#source(line, this.#instrumented?.originalColumn(line, column) ?? column)
  }

  #position(): RegExp {
    return new RegExp(`${this.#virtualFile.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}:(\\d+):(\\d+)`, "g")
  }

  #source(line: number, column: number): Place | undefined {
    this.#map ??= readMap(this.#bundle.code)
    const entry = this.#map.findEntry(line - 1, column - 1)
    if (!("originalSource" in entry)) return undefined
    const file = resolve(dirname(this.#bundle.entry), entry.originalSource)
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 }
  }
}

function readMap(code: string): SourceMap {
  const text = code.slice(code.lastIndexOf(";base64,") + ";base64,".length).trim()
  return new SourceMap(JSON.parse(Buffer.from(text, "base64").toString()))
}
