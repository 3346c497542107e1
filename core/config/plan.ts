import { differences, type ValueChange } from "./differences.js"
import { type EffectiveConfig, reloadOf as schemaReload } from "./effective.js"
import type { Reload } from "./schemas.js"

/**
 * What becomes of a plugin, or of the engine itself: kept as it is, given new options in place, started anew beside
 * the old one, added, removed, made anew on hot threads of its own which then take over, or nothing at all because this
 * cannot be done while the engine runs.
 */
export type PlanAction = "keep" | "retune" | "restart" | "add" | "remove" | "replace" | "refuse"

export interface PathChange extends ValueChange {
  readonly reload: Reload
}

export interface PlanStep {
  /** The plugin's name; empty for the engine's own options. */
  readonly plugin: string
  readonly action: PlanAction
  /** The stages of the paths are composed anew. */
  readonly rebuildPipeline: boolean
  readonly paths: readonly PathChange[]
  /** A sentence for the one who changed it. */
  readonly reason: string
}

/** A step for the engine and for each plugin of either configuration. */
export interface Plan {
  readonly steps: readonly PlanStep[]
  /** Whether there is anything to do. */
  readonly isEmpty: boolean
  /** The steps that cannot be done while the engine runs: with any, the whole change is refused. */
  readonly refused: readonly PlanStep[]
  readonly rebuildPipeline: boolean
}

export function planChange(
  from: EffectiveConfig,
  to: EffectiveConfig,
  reloadOf: (path: string) => Reload = (path) => schemaReload(to, path),
): Plan {
  const before = new Map(from.plugins.map((entry) => [entry.name, entry]))
  const after = new Map(to.plugins.map((entry) => [entry.name, entry]))
  const steps = [changeStep("", rootValues(from), rootValues(to), [], reloadOf)]
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(name)
    const next = after.get(name)
    if (old === undefined) steps.push(wholeStep(name, "add", `${name} is switched on`))
    else if (next === undefined) steps.push(wholeStep(name, "remove", `${name} is switched off`))
    else steps.push(changeStep(name, old.options, next.options, ["plugins", name], reloadOf))
  }
  return {
    steps,
    isEmpty: steps.every((step) => step.action === "keep"),
    refused: steps.filter((step) => step.action === "refuse"),
    rebuildPipeline: steps.some((step) => step.rebuildPipeline),
  }
}

/** The engine's own options; presets count by what they set. */
function rootValues(config: EffectiveConfig): object {
  const { presets: _presets, plugins: _plugins, ...root } = config.values
  return root
}

/** A plugin may have stages, so that its coming and going composes the pipeline anew. */
function wholeStep(plugin: string, action: "add" | "remove", reason: string): PlanStep {
  return { plugin, action, rebuildPipeline: true, paths: [], reason }
}

function changeStep(
  plugin: string,
  from: object,
  to: object,
  base: readonly string[],
  reloadOf: (path: string) => Reload,
): PlanStep {
  const paths = differences(from, to, base).map((change) => ({ ...change, reload: reloadOf(change.path) }))
  const action = actionOf(paths)
  const rebuildPipeline = paths.some(({ reload }) => reload === "pipeline")
  return { plugin, action, rebuildPipeline, paths, reason: reasonOf(paths, action, plugin, rebuildPipeline) }
}

function actionOf(paths: readonly PathChange[]): PlanAction {
  if (paths.length === 0) return "keep"
  if (paths.some(({ reload }) => reload === "restart")) return "refuse"
  if (paths.some(({ reload }) => reload === "engine")) return "replace"
  return paths.some(({ reload }) => reload === "plugin") ? "restart" : "retune"
}

function reasonOf(paths: readonly PathChange[], action: PlanAction, plugin: string, rebuildPipeline: boolean): string {
  if (action === "keep") return "nothing changed"
  if (action === "refuse") {
    const names = paths.filter(({ reload }) => reload === "restart").map(({ path }) => path)
    return `${names.join(", ")} needs a restart of the engine: it cannot change while the engine runs`
  }
  const names = paths.map(({ path }) => path).join(", ")
  if (action === "replace") return `${names} changed: new hot threads come up beside those that run, and take over`
  if (action === "restart") return `${names} changed: ${plugin} is started anew`
  return rebuildPipeline ? `${names} changed: the pipeline is composed anew` : `${names} changed: live`
}
