import { isWished, type TuningStep } from "../../tuning/plan.js"
import { readingOf } from "../../tuning/readings.js"
import type { TunableReading } from "../../tuning/tunable.js"
import { textColumns } from "../columns.js"
import type { CliEnvironment } from "../environment.js"
import { findEngine } from "../find-engine.js"
import { openDesk, type TuneOptions, type TuningDesk } from "./desk.js"

/**
 * Looks whether what is wished for is in force, whoever has set it. What lives with an engine is asked of the engine of
 * the project, if one answers.
 */
export async function tuneVerify(options: TuneOptions, environment: CliEnvironment): Promise<number> {
  const desk = await openDesk(options, environment)
  const held = await askEngine(environment, options.config)
  const readings = desk.plan.steps.filter(({ wish }) => isWished(wish)).map((step) => verified(step, desk, held))
  environment.stdout.write(options.json ? `${JSON.stringify({ tunables: readings }, null, 2)}\n` : textOf(readings))
  return readings.some((reading) => isBroken(reading)) ? 2 : 0
}

function verified(
  step: TuningStep,
  { machine, journals }: TuningDesk,
  held: readonly TunableReading[],
): TunableReading {
  const own = readingOf(step, machine, journals.ownEntries.get(step.tunable.id))
  if (step.tunable.state !== undefined) return own
  return (
    held.find(({ id, plugin }) => id === own.id && plugin === own.plugin) ?? {
      ...own,
      note: "no engine answers that could tell",
    }
  )
}

/** What the machine has none of, and what nobody can tell, is no breach. */
const isBroken = ({ verified, state }: TunableReading): boolean => verified === false && state !== "unavailable"

function textOf(readings: readonly TunableReading[]): string {
  const lines = textColumns(
    readings.map((reading) => [`${markOf(reading)} ${reading.id}`, String(reading.found ?? "-"), detailOf(reading)]),
  )
  const broken = readings.filter(isBroken).length
  const last = broken === 0 ? "all that can be told is as wished" : `${broken} of ${readings.length} are not as wished`
  return `${[...lines, "", last].join("\n")}\n`
}

function markOf(reading: TunableReading): string {
  if (isBroken(reading)) return "no"
  return reading.verified === true ? "ok" : "- "
}

function detailOf({ wanted, state, note, verified }: TunableReading): string {
  const wish = verified === true ? "" : `wanted ${wanted}`
  const about = note === null ? "" : `${state === "verified" || state === "wanted" ? "" : `${state}: `}${note}`
  return [wish, about].filter((text) => text !== "").join("; ")
}

async function askEngine(environment: CliEnvironment, config: string | undefined): Promise<readonly TunableReading[]> {
  try {
    const client = await findEngine(environment, { config, patienceMs: ENGINE_WITHIN_MS })
    return (await client.get<{ tunables: TunableReading[] }>("/api/tuning", "tunables")).tunables
  } catch {
    return []
  }
}

const ENGINE_WITHIN_MS = 2000
