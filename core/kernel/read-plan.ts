import { type Diagnostic, toJson } from "../config/diagnostic.js"
import type { EffectiveConfig } from "../config/effective.js"
import { parsePath } from "../config/path.js"
import type { PathChange } from "../config/plan.js"
import { reordered } from "../config/reordered.js"
import { withoutSecretAt } from "../config/secrets.js"
import type { PathPlan, PlanReading, PluginPlan } from "./contract.js"
import { type Draft, isEmpty } from "./draft.js"
import { isSameCode, type Standing } from "./generation.js"

/** What a change would do, for whoever asks before making it. Secrets are hidden. */
export function readPlan(draft: Draft, old: Standing): PlanReading {
  const { config, plan, problems, threads } = draft
  const objections = new Map(problems.map(({ path, message }) => [path, message]))
  const changes = (plan?.steps ?? []).flatMap(({ plugin, paths }) => {
    return paths.map((change): PathPlan => {
      const { file, line, column, source = "default" } = config.locate(parsePath(change.path) ?? [])
      const place = file === undefined ? {} : { file, line, column }
      const action = actionOf(change, plugin, draft, objections)
      const reason = action === "refuse" ? objections.get(change.path)! : REASONS[action]
      return { ...readChange(change), action, reason, set_by: { source, ...place } }
    })
  })
  const outcome = problems.length > 0 ? "refused" : isEmpty(draft, old) ? "nothing" : "changes"
  return {
    outcome,
    changes,
    plugins: readPlugins(draft, old),
    threads: { action: threads, reason: threadsReason(draft) },
    order: orderOf(draft, old),
    problems: problems.map(toJson),
  }
}

/** Null when those that stay start in the order of before. */
function orderOf({ candidates }: Draft, { members }: Standing): readonly string[] | null {
  const names = candidates.map(({ name }) => name)
  const before = members.map(({ name }) => name)
  return reordered(before, names).length === 0 ? null : names
}

function readPlugins({ config, candidates, plan, actions, threads }: Draft, old: Standing): PluginPlan[] {
  const steps = plan?.steps ?? []
  const venue = JSON.stringify(config.venue.kind)
  const plugins = candidates.map((candidate): PluginPlan => {
    const { name } = candidate
    const standing = old.members.find((member) => member.name === name)
    const step = steps.find(({ plugin }) => plugin === name)
    if (standing === undefined) {
      const reason = isOn(old.config, name) ? `it is for the venue ${venue}` : `${name} is switched on`
      return { plugin: name, action: "add", reason }
    }
    if (actions.get(name) === "keep") return { plugin: name, action: "keep", reason: "nothing of it changes" }
    if (actions.get(name) === "retune") return { plugin: name, action: "retune", reason: step!.reason }
    if (step !== undefined && step.action !== "keep") return { plugin: name, action: "restart", reason: step.reason }
    if (!isSameCode(standing, candidate)) return { plugin: name, action: "restart", reason: "its code has changed" }
    const reason =
      threads === "replace"
        ? "it goes to new hot threads, or uses a service of one that does"
        : "it uses a service of a plugin that leaves or is started anew"
    return { plugin: name, action: "restart", reason }
  })
  const leaving = old.members.filter(({ name }) => !actions.has(name))
  return [
    ...plugins,
    ...leaving.map(({ name }): PluginPlan => {
      const reason = isOn(config, name) ? `it is not for the venue ${venue}` : `${name} is switched off`
      return { plugin: name, action: "remove", reason }
    }),
  ]
}

const isOn = ({ plugins }: EffectiveConfig, name: string): boolean => plugins.some((plugin) => plugin.name === name)

function threadsReason({ threads, shape }: Draft): string {
  if (shape === undefined) return "a start here is refused"
  const { topology, idleStrategy, reason } = shape
  const words = `topology ${topology} (${reason}), idle threads ${idleStrategy}`
  return threads === "keep" ? `they go on: ${words}` : words
}

/** The plan of a configuration that is none. */
export function refusedPlan(problems: readonly Diagnostic[]): PlanReading {
  const threads = { action: "keep", reason: "it is refused" } as const
  return { outcome: "refused", changes: [], plugins: [], threads, order: null, problems: problems.map(toJson) }
}

function readChange({ path, from, to }: PathChange): Pick<PathPlan, "path" | "from" | "to"> {
  const name = parsePath(path)?.at(-1) ?? ""
  return { path, from: withoutSecretAt(name, from) ?? null, to: withoutSecretAt(name, to) ?? null }
}

function actionOf(
  { path, reload }: PathChange,
  plugin: string,
  { config, actions, threads }: Draft,
  objections: ReadonlyMap<string, string>,
): PathPlan["action"] {
  if (reload !== "restart" && objections.has(path)) return "refuse"
  if (plugin !== "" && isOn(config, plugin) && !actions.has(plugin)) return "leave out"
  // What the engine's own options come to is the shape of its threads, which may be the same.
  if (plugin === "" && threads === "keep") return "keep"
  return ACTIONS[reload]
}

const ACTIONS = {
  live: "retune",
  plugin: "restart plugin",
  pipeline: "rebuild pipeline",
  engine: "replace threads",
  restart: "needs restart",
} as const

const REASONS = {
  keep: "the engine runs so already",
  "leave out": "the plugin is for venues of other kinds, and takes it over when it is in use",
  retune: "the plugin takes the new value over, at once",
  "restart plugin": "the plugin is started anew beside the old one, which then leaves",
  "rebuild pipeline": "the stages are composed anew and swapped",
  "replace threads": "new hot threads come up beside those that run, and take over",
  "needs restart": "it cannot change while the engine runs",
} as const
