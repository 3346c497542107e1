import { formatPath } from "../config/path.js"
import type { ExplainReading } from "../kernel/contract.js"
import { VelozError } from "../kernel/errors.js"
import type { TuningStep } from "./plan.js"
import type { TunableReading } from "./tunable.js"

// One function an error, as in kernel/errors.ts; docs/errors.md lists the codes.

/** Nothing was written. */
export function tuningRefusedError(failures: readonly TuningStep[]): VelozError {
  const reasons = failures.map(({ tunable, failure }) => `${tunable.id}: ${failure}`)
  const [field, ...clashes] = new Set(failures.map(optionOf))
  return new VelozError(
    "VELOZ_TUNING_REFUSED",
    `${reasons.length === 1 ? "a value" : `${reasons.length} values`} of the kernel cannot be set, and none was: ${reasons.join("; ")}`,
    { status: 422, httpCode: "tuning_refused", ...(field !== undefined && { field, clashes }) },
  )
}

/** The option that wishes for it, or where the plugin is switched on. */
function optionOf({ plugin, origin = "" }: TuningStep): string {
  return origin.startsWith("plugins.") ? origin : formatPath(["plugins", plugin])
}

/** It was tried, and what had been written was put back. */
export function tuningFailedError(id: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_TUNING_FAILED",
    `${id} could not be set, and what was set before it is put back: ${reason}`,
    {
      status: 422,
      httpCode: "tuning_failed",
    },
  )
}

export function tuningDriftError(id: string, wanted: string, found: string): VelozError {
  return new VelozError(
    "VELOZ_TUNING_DRIFT",
    `somebody else has set ${id} to ${found} (wanted: ${wanted}), and drift is "fail": find who it was, or set drift "yield" or "reassert"`,
  )
}

export function tunableUnknownError(id: string, near: string | undefined): VelozError {
  const hint = near === undefined ? "veloz tune plan --all lists them" : `did you mean ${near}?`
  return new VelozError("VELOZ_TUNABLE_UNKNOWN", `nothing that can be tuned is called ${JSON.stringify(id)}: ${hint}`)
}

export function journalFailedError(folder: string, cause: unknown): VelozError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new VelozError(
    "VELOZ_TUNING_JOURNAL",
    `no undo journal can be kept in ${folder}, so nothing is set: ${reason}; name a folder that this user may write with VELOZ_STATE_DIR`,
    { status: 422, httpCode: "tuning_refused", cause },
  )
}

export function journalBusyError(file: string): VelozError {
  return new VelozError(
    "VELOZ_TUNING_BUSY",
    `${file} is held by another process that sets values of the kernel: try again`,
    {
      status: 503,
      httpCode: "overloaded",
    },
  )
}

/** Its effect cannot be measured in a running engine. */
export function tunableStillError(
  id: string,
  { scope, wanted, presets }: Pick<TunableReading, "scope" | "wanted" | "presets">,
): VelozError {
  const isValueMissing = scope !== "boot" && wanted === null && presets["low-latency"] === undefined
  const reason = isValueMissing
    ? "no value is wished for, and low-latency names none: wish for one in the configuration"
    : "requests cannot switch it on and off. Take a reading of each state, veloz measure --save with and without it, and compare them with veloz compare"
  return new VelozError("VELOZ_TUNABLE_STILL", `${id} cannot be measured so: ${reason}`)
}

export function tunableNotInForceError(
  id: string,
  { state, note }: Pick<TunableReading, "state" | "note">,
  mode?: OptionReading,
): VelozError {
  const why = note ?? (mode?.value === "plan" ? planned(mode) : "the log of the engine says why")
  return new VelozError(
    "VELOZ_TUNABLE_NOT_IN_FORCE",
    `${id} was wished for and did not come into force (${state}), so that there is nothing to measure: ${why}`,
  )
}

/** The environment or the command line has the last word, whatever a request sets. */
export function tunableMaskedError(id: string, { path, value, set_by }: OptionReading): VelozError {
  return new VelozError(
    "VELOZ_TUNABLE_MASKED",
    `${id} cannot be switched: ${set_by?.source} sets ${path} to ${JSON.stringify(value)} and masks what requests set; start the engine without it`,
  )
}

type OptionReading = ExplainReading["options"][number]

function planned({ set_by, overrides }: OptionReading): string {
  const masked = overrides.find(({ value }) => value === "apply")
  const by =
    set_by === null || set_by.layer === "default"
      ? "as it is unless somebody says otherwise"
      : `as ${set_by.source} says`
  const instead =
    masked === undefined
      ? 'the configuration, the environment or the command line can say "apply"'
      : `that masks "apply" of ${masked.source}: start the engine without it`
  return `kernel-tuning.mode is "plan", ${by}; ${instead}`
}

export function tunableRealVenueError(venue: string): VelozError {
  return new VelozError(
    "VELOZ_TUNABLE_VENUE",
    `the engine trades at ${venue}: switching its settings there is a risk; measure at the embedded exchange, or say --any-venue`,
  )
}
