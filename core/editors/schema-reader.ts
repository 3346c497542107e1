import { Worker } from "node:worker_threads"
import { closed, type OptionSchema } from "../config/schemas.js"
import { checkSchema } from "../config/validate.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { FAR_HEAP_LIMIT_MB, watchGrowth } from "../os/memory-watch.js"
import type { PluginSource } from "../threads/messages.js"

/** Code to evaluate. */
export interface SchemaRequest {
  readonly specifier: string
  readonly source: PluginSource
}

/** What came of it: a schema as JSON, or why there is none. */
export type SchemaAnswer =
  | { readonly specifier: string; readonly schema: string }
  | { readonly specifier: string; readonly problem: string }

/** How long one plugin may take: most take a few milliseconds, and the first of them starts the thread. */
const LIMIT_MS = 3_000
const MEMORY_BYTES = 256 * 1024 * 1024

/**
 * Reads the option schemas of plugins that may not be in use, in a thread that is thrown away afterwards. One that is
 * broken, or whose code does not end, has none. What was read is kept until the code changes.
 */
export class SchemaReader {
  // Nothing is loaded on this thread.
  readonly #sources = new PluginSources(new PluginLoader({}))
  #known = new Map<string, { readonly hash: string; readonly schema: OptionSchema | undefined }>()

  async read(specifiers: readonly string[], root: string, signal?: AbortSignal): Promise<Map<string, OptionSchema>> {
    this.#sources.forget()
    const requests = (await Promise.all(specifiers.map((specifier) => this.#find(specifier, root)))).flat()
    const fresh = requests.filter(({ specifier, source }) => this.#known.get(specifier)?.hash !== hashOf(source))
    const read = await evaluateApart(fresh, signal)
    this.#known = new Map(
      requests.map(({ specifier, source }) => {
        const known = this.#known.get(specifier)
        return [
          specifier,
          fresh.some((other) => other.specifier === specifier) || known === undefined
            ? { hash: hashOf(source), schema: read.get(specifier) }
            : known,
        ]
      }),
    )
    return new Map([...this.#known].flatMap(([specifier, { schema }]) => (schema ? [[specifier, schema]] : [])))
  }

  async #find(specifier: string, root: string): Promise<SchemaRequest[]> {
    try {
      return [{ specifier, source: (await this.#sources.sourceOf(specifier, root)).source }]
    } catch {
      return []
    }
  }
}

function hashOf(source: PluginSource): string {
  return source.kind === "bundle" ? source.hash : source.file
}

async function evaluateApart(
  requests: readonly SchemaRequest[],
  signal: AbortSignal | undefined,
): Promise<Map<string, OptionSchema>> {
  const schemas = new Map<string, OptionSchema>()
  let waiting = requests
  while (waiting.length > 0 && !signal?.aborted) {
    const answers = await evaluateUntilOneHangs(waiting, signal)
    for (const answer of answers) {
      const schema = "schema" in answer ? closed(JSON.parse(answer.schema) as OptionSchema) : undefined
      if (schema !== undefined && checkSchema(schema, answer.specifier) === undefined) {
        schemas.set(answer.specifier, schema)
      }
    }
    // Without an answer to all, the next one is what ended the thread.
    waiting = waiting.slice(answers.length + 1)
  }
  return schemas
}

/** Answers in the order of the requests, up to the first that had none in time. */
function evaluateUntilOneHangs(requests: readonly SchemaRequest[], signal?: AbortSignal): Promise<SchemaAnswer[]> {
  const answers: SchemaAnswer[] = []
  // What a plugin prints while it is loaded is of no interest here.
  const options = { stdout: true, stderr: true, resourceLimits: { maxOldGenerationSizeMb: FAR_HEAP_LIMIT_MB } }
  const worker = new Worker(new URL("./schema-thread.js", import.meta.url), options)
  return new Promise((resolve) => {
    const end = (): void => void worker.terminate()
    let timer = setTimeout(end, LIMIT_MS)
    const unwatch = watchGrowth(MEMORY_BYTES, end)
    worker.on("message", (answer: SchemaAnswer) => {
      answers.push(answer)
      clearTimeout(timer)
      timer = setTimeout(end, LIMIT_MS)
      if (answers.length === requests.length) end()
    })
    worker.on("error", end)
    signal?.addEventListener("abort", end, { once: true })
    worker.once("exit", () => {
      clearTimeout(timer)
      unwatch()
      signal?.removeEventListener("abort", end)
      resolve(answers)
    })
    worker.postMessage(requests)
  })
}
