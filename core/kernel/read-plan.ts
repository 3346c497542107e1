import { type Diagnostic, toJson } from "../config/diagnostic.js"
import { parsePath } from "../config/path.js"
import type { PathChange } from "../config/plan.js"
import { withoutSecretAt } from "../config/secrets.js"
import type { PathPlan, PlanReading, PluginPlan } from "./contract.js"
import type { Draft } from "./draft.js"
import { isSameCode, type Standing } from "./generation.js"

/** What a change would do, for whoever asks before making it. Secrets are hidden. */
export function readPlan({ config, candidates, plan, actions, problems }: Draft, old: Standing): PlanReading {
  const steps = plan?.steps ?? []
  const refused = new Set(problems.map(({ path }) => path))
  const plugins = candidates.map(({ name }): PluginPlan => {
    const standing = old.members.find((member) => member.name === name)
    const candidate = candidates.find((one) => one.name === name)!
    const step = steps.find(({ plugin }) => plugin === name)
    if (standing === undefined) return { plugin: name, action: "add", reason: `${name} is switched on` }
    if (actions.get(name) === "keep") return { plugin: name, action: "keep", reason: "nothing of it changes" }
    if (actions.get(name) === "retune") return { plugin: name, action: "retune", reason: step!.reason }
    if (step !== undefined && step.action !== "keep") return { plugin: name, action: "restart", reason: step.reason }
    const reason = isSameCode(standing, candidate)
      ? "it uses a service of a plugin that leaves or is started anew"
      : "its code has changed"
    return { plugin: name, action: "restart", reason }
  })
  const leaving = old.members.filter(({ name }) => !actions.has(name))
  for (const { name } of leaving) plugins.push({ plugin: name, action: "remove", reason: `${name} is switched off` })
  const changes = steps
    .flatMap(({ paths }) => paths)
    .map((change): PathPlan => {
      const { file, line, column, source = "default" } = config.locate(parsePath(change.path) ?? [])
      const place = file === undefined ? {} : { file, line, column }
      return { ...readChange(change, refused), set_by: { source, ...place } }
    })
  const isEmpty = changes.length === 0 && plugins.every(({ action }) => action === "keep")
  const outcome = problems.length > 0 ? "refused" : isEmpty ? "nothing" : "changes"
  return { outcome, changes, plugins, problems: problems.map(toJson) }
}

/** The plan of a configuration that is none. */
export function refusedPlan(problems: readonly Diagnostic[]): PlanReading {
  return { outcome: "refused", changes: [], plugins: [], problems: problems.map(toJson) }
}

function readChange({ path, from, to, reload }: PathChange, refused: ReadonlySet<string>): Omit<PathPlan, "set_by"> {
  const name = parsePath(path)?.at(-1) ?? ""
  const values = { from: withoutSecretAt(name, from) ?? null, to: withoutSecretAt(name, to) ?? null }
  const action = reload !== "restart" && refused.has(path) ? "refuse" : ACTIONS[reload]
  return { path, ...values, action, reason: action === "refuse" ? "see problems" : REASONS[reload] }
}

const ACTIONS = {
  live: "retune",
  plugin: "restart plugin",
  pipeline: "rebuild pipeline",
  engine: "replace threads",
  restart: "needs restart",
} as const

const REASONS = {
  live: "the plugin takes the new value over",
  plugin: "the plugin is started anew beside the old one, which then leaves",
  pipeline: "the stages are composed anew and swapped",
  engine: "new hot threads come up beside those that run, and take over",
  restart: "it cannot change while the engine runs",
} as const
