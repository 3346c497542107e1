import { type MessagePort, parentPort } from "node:worker_threads"
import { evaluate } from "../config/evaluate.js"
import { exportOf, isToBeCalled } from "../config/source-script.js"
import { SystemClock } from "../hot/clock.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { SilentTransport } from "../io/silent-transport.js"
import { HotEngine } from "../threads/hot-engine.js"
import { sendableError } from "../threads/messages.js"
import { Primer } from "../threads/primer.js"
import { NO_TIMERS } from "../threads/scheduler.js"
import { createSharedMemory } from "../threads/shared-memory.js"
import type { SymbolSpec } from "./contract.js"
import { PluginLoader } from "./plugin-loader.js"
import { describedSchema } from "./plugin-sources.js"
import type {
  CheckTask,
  Composed,
  ComposeTask,
  FromTrial,
  PartsTask,
  SchemaTask,
  ScriptTask,
  TrialTask,
} from "./trial.js"

// The entry of the thread on which code is tried. Whoever started it ends it when that takes too long.

const DOORS = { veloz, "veloz/hot": hot }

if (parentPort !== null) listen(parentPort)

function listen(port: MessagePort): void {
  // What the code prints is printed once it runs where it belongs.
  for (const stream of [process.stdout, process.stderr]) stream._writev = (_chunks, done) => done()
  const post = (message: FromTrial): void => port.postMessage(message)
  port.on("message", async (task: TrialTask) => {
    const running = [...process.getActiveResourcesInfo()]
    const answer = await run(task, (during, isPromise = false) => post({ type: "at", during, isPromise })).catch(
      () => undefined,
    )
    // A turn later, so that a rejection that nobody handles is not taken for an end.
    setImmediate(() =>
      post({ type: "ended", leftovers: without(process.getActiveResourcesInfo(), running), ...answer }),
    )
  })
  post({ type: "ready" })
}

/** Tells what is done next, so that it is known where code that does not come back is. */
type Tell = (during: string, isPromise?: boolean) => void

/** Returns what was asked for. A schema is JSON, since it may hold what no thread can send. */
async function run(task: TrialTask, tell: Tell): Promise<{ schema: string } | { composed: Composed } | undefined> {
  tell("while it was loaded")
  if (task.type === "schema") return { schema: schemaOf(task) }
  if (task.type === "compose") return { composed: compose(task, tell) }
  if (task.type === "script") await runScript(task, tell)
  else if (task.type === "check") runCheck(task, tell)
  else runParts(task, tell)
  return undefined
}

function schemaOf({ specifier, source }: SchemaTask): string {
  return JSON.stringify(describedSchema(new PluginLoader(DOORS).load(source, specifier)))
}

async function runScript(task: ScriptTask, tell: Tell): Promise<void> {
  const exported = exportOf(evaluate(task, DOORS).exports)
  tell("in the function that it exports")
  if (!isToBeCalled(exported)) return
  const answer = exported(task.env)
  tell("while what its function promised was awaited", true)
  await answer
}

function runCheck({ name, source, options, around }: CheckTask, tell: Tell): void {
  const { definition } = new PluginLoader(DOORS).load(source, name)
  tell("in its check")
  const answer: unknown = definition.check?.(options as never, { ...around, report: () => undefined })
  // Whoever asks for the objections says that it must not be async.
  if (answer instanceof Promise) answer.catch(() => undefined)
  tell("in its claims")
  definition.claims?.(options as never, around)
}

function runParts(task: PartsTask, tell: Tell): void {
  const loader = new PluginLoader(DOORS)
  makeParts(task, loader, tell)
  const { symbols, plugin, isNewCode } = task
  if (!isNewCode || loader.load(plugin.source, plugin.name).definition.primable !== true) return
  tell("while it was primed")
  const memory = createSharedMemory(symbols.length)
  const primer = new Primer({ symbols, memory, clock: new SystemClock(), loader })
  try {
    primer.begin([plugin])
    while (primer.step());
  } finally {
    primer.close()
  }
}

function makeParts({ symbols, plugin, before }: PartsTask, loader: PluginLoader, tell: Tell): void {
  loader.load(plugin.source, plugin.name)
  const engine = silentEngine(symbols, loader)
  try {
    tell("while its hot parts were made")
    engine.prepare({ generation: 1, plugins: [{ ...plugin, action: "remake", options: before ?? plugin.options }] })
    engine.commit(1)
    if (before === undefined) return
    tell("in retune")
    engine.prepare({ generation: 2, plugins: [{ ...plugin, action: "retune" }] })
    engine.commit(2)
  } finally {
    tell("in dispose")
    engine.stop()
  }
}

function compose({ symbols, standing, changes }: ComposeTask, tell: Tell): Composed {
  tell("while it was composed")
  const engine = silentEngine(symbols, new PluginLoader(DOORS))
  try {
    if (standing.length > 0) {
      engine.prepare({ generation: 1, plugins: standing.map((plugin) => ({ ...plugin, action: "remake" })) })
      engine.commit(1)
    }
    const { metrics } = engine.prepare({ generation: 2, plugins: changes })
    return { names: metrics }
  } catch (error) {
    return { refusal: sendableError(error) }
  } finally {
    engine.abort()
    engine.stop()
  }
}

function silentEngine(symbols: readonly SymbolSpec[], loader: PluginLoader): HotEngine {
  return new HotEngine({
    symbols,
    memory: createSharedMemory(symbols.length),
    clock: new SystemClock(),
    transport: new SilentTransport(),
    loader,
    scheduler: NO_TIMERS,
    epoch: 0,
    orderPoolSize: ORDER_POOL_SIZE,
    post: () => undefined,
  })
}

const ORDER_POOL_SIZE = 1024

/** What is in one list beside what is in the other, each as often as it is there. */
function without(all: readonly string[], known: readonly string[]): string[] {
  const rest = [...known]
  return all.filter((name) => {
    const at = rest.indexOf(name)
    if (at === -1) return true
    rest.splice(at, 1)
    return false
  })
}
