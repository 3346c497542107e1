import { nearest } from "../../config/nearest.js"
import { tunableUnknownError } from "../../tuning/errors.js"
import { sysctlPath, unknownSysctl } from "../../tuning/kernel-files.js"
import { planTuning, showState, type TuningStep } from "../../tuning/plan.js"
import { readingOf } from "../../tuning/readings.js"
import type { Machine, TunableReading } from "../../tuning/tunable.js"
import type { CliEnvironment } from "../environment.js"
import { openDesk, type TuneOptions } from "./desk.js"

export interface TuneExplainOptions extends TuneOptions {
  readonly id: string
}

/** Prints what a tunable does, how it stands, and what presets would set it to. */
export async function tuneExplain(options: TuneExplainOptions, environment: CliEnvironment): Promise<number> {
  const { machine, journals, plan } = await openDesk(options, environment)
  const { id, json } = options
  const step = plan.steps.find(({ tunable }) => tunable.id === id) ?? otherSysctl(id, machine)
  if (step === undefined) {
    const ids = plan.steps.map(({ tunable }) => tunable.id)
    throw tunableUnknownError(id, nearest(id, ids))
  }
  const reading = readingOf(step, machine, journals.ownEntries.get(id))
  environment.stdout.write(
    json ? `${JSON.stringify(reading, null, 2)}\n` : `${textOf(reading, step, machine).join("\n")}\n`,
  )
  return 0
}

/** Any sysctl can be wished for, also one that no plugin offers. */
function otherSysctl(id: string, machine: Machine): TuningStep | undefined {
  if (!/^[a-z]\w*(\.[\w/-]+)+$/i.test(id) || machine.find(sysctlPath(id)).length === 0) return undefined
  return planTuning(new Map([["-", { wishes: [{ tunable: unknownSysctl(id) }] }]]), machine).steps[0]
}

function textOf(reading: TunableReading, { tunable, goals, action }: TuningStep, machine: Machine): string[] {
  const { id, plugin, scope, undo, needs, unit, meaning, state, wanted, found, original, origin, note, presets } =
    reading
  const of = (value: unknown): string => `${value}${unit === null ? "" : ` ${unit}`}`
  const goal = action === "set" ? ` (${of(showState(tunable, goals, machine))})` : ""
  return [
    `${id}  (${plugin})`,
    `  ${meaning}`,
    "",
    `  found     ${found === null ? "-" : of(found)}`,
    ...(wanted === null ? [] : [`  wanted    ${wanted}${goal}, by ${origin ?? plugin}`]),
    ...(original === null ? [] : [`  before    ${of(original)}`]),
    `  state     ${state}${note === null ? "" : `: ${note}`}`,
    `  scope     ${scope}`,
    `  undo      ${undo}`,
    `  needs     ${needs === null ? "nothing" : `${needs}, which this process ${machine.has(needs) ? "has" : "has not"}`}`,
    ...(tunable.kernel === undefined ? [] : [`  since     Linux ${tunable.kernel}`]),
    ...(tunable.note === undefined ? [] : [`  ${tunable.note.kind.padEnd(9)} ${tunable.note.text}`]),
    ...Object.entries(presets).map(([name, { value, reason }]) => `  ${name.padEnd(16)} ${value}: ${reason}`),
  ]
}
