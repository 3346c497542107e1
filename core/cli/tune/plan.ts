import { workOf } from "../../tuning/apply.js"
import { isWished, type TuningStep } from "../../tuning/plan.js"
import { readingOf } from "../../tuning/readings.js"
import type { CliEnvironment } from "../environment.js"
import { openDesk, type TuneOptions, type TuningDesk } from "./desk.js"
import { dropLine, planLines } from "./lines.js"

const NOTHING_TO_DO = 0
const CHANGES = 2

export interface TunePlanOptions extends TuneOptions {
  /** Print what nobody wants anything of, too. */
  readonly all: boolean
}

/** Prints what would be set. Returns 0 when that is nothing, 2 when it is something, 1 when some of it cannot be. */
export async function tunePlan(options: TunePlanOptions, environment: CliEnvironment): Promise<number> {
  const desk = await openDesk(options, environment)
  const steps = desk.plan.steps.filter(({ wish }) => options.all || isWished(wish))
  environment.stdout.write(options.json ? `${JSON.stringify(planJson(desk, steps), null, 2)}\n` : planText(desk, steps))
  if (desk.plan.failures.length > 0) return 1
  const isDrifted = steps.some(({ state }) => state === "foreign")
  return isDrifted || changesOf(desk).length > 0 ? CHANGES : NOTHING_TO_DO
}

function planText(desk: TuningDesk, steps: readonly TuningStep[]): string {
  const drops = dropsOf(desk).map(dropLine)
  return `${[...planLines(steps, desk.machine), ...drops, "", summaryOf(desk, steps)].join("\n")}\n`
}

function planJson({ machine, journals, plan, ...desk }: TuningDesk, steps: readonly TuningStep[]): object {
  const tunables = steps.map((step) => ({
    ...readingOf(step, machine, journals.ownEntries.get(step.tunable.id)),
    action: step.action,
    failure: step.failure ?? null,
  }))
  return { tunables, put_back: dropsOf({ machine, journals, plan, ...desk }).map(({ id }) => id) }
}

function dropsOf({ plan, offers, journals }: TuningDesk) {
  return workOf(plan, offers, journals).drops.map((id) => journals.ownEntries.get(id)!)
}

function changesOf({ plan, offers, journals }: TuningDesk): readonly unknown[] {
  const { sets, drops } = workOf(plan, offers, journals)
  return [...sets, ...drops]
}

function summaryOf(desk: TuningDesk, steps: readonly TuningStep[]): string {
  const { failures } = desk.plan
  if (steps.length === 0) return "nothing is wished for: set plugins.kernel-tuning.profile, or sysctl"
  if (failures.length > 0)
    return `${failures.length} cannot be set here, so nothing would be: take them out, or mend what they need`
  const count = changesOf(desk).length
  if (count === 0) return "nothing to do"
  return `${count} to change: veloz tune apply does it, and an engine with plugins.kernel-tuning.mode "apply" does while it runs`
}
