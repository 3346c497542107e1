import { applyTuning, workOf } from "../../tuning/apply.js"
import { tuningRefusedError } from "../../tuning/errors.js"
import { describeUndone } from "../../tuning/tell.js"
import type { CliEnvironment } from "../environment.js"
import { openDesk, type TuneOptions } from "./desk.js"
import { planLines } from "./lines.js"

/** Sets what is wished for, all or nothing. It stays until `veloz tune rollback`, or the next start of the machine. */
export async function tuneApply(options: TuneOptions, environment: CliEnvironment): Promise<number> {
  const { machine, journals, offers, plan } = await openDesk(options, environment)
  if (plan.failures.length > 0) throw tuningRefusedError(plan.failures)
  const work = workOf(plan, offers, journals)
  const { sets, drops } = work
  if (sets.length + drops.length === 0) return tell(options, environment, { set: [], put_back: [] }, ["nothing to do"])
  const lines = planLines(sets, machine)
  const undone = journals.exclusively(() => {
    try {
      return applyTuning({ ...work, shares: [] }, journals.own, machine).undone
    } finally {
      journals.dispose()
    }
  })
  const outcome = { set: sets.map(({ tunable }) => tunable.id), put_back: undone.map(({ id }) => id) }
  return tell(options, environment, outcome, [
    ...lines,
    ...undone.map(describeUndone),
    "",
    "veloz tune rollback puts it back",
  ])
}

function tell({ json }: TuneOptions, { stdout }: CliEnvironment, outcome: object, lines: readonly string[]): number {
  stdout.write(json ? `${JSON.stringify(outcome, null, 2)}\n` : `${lines.join("\n")}\n`)
  return 0
}
