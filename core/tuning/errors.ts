import { VelozError } from "../kernel/errors.js"
import type { TuningStep } from "./plan.js"

// One function an error, as in kernel/errors.ts; docs/errors.md lists the codes.

/** Nothing was written. */
export function tuningRefusedError(failures: readonly TuningStep[]): VelozError {
  const reasons = failures.map(({ tunable, failure }) => `${tunable.id}: ${failure}`)
  return new VelozError(
    "VELOZ_TUNING_REFUSED",
    `${reasons.length === 1 ? "a value" : `${reasons.length} values`} of the kernel cannot be set, and none was: ${reasons.join("; ")}`,
    { status: 422, httpCode: "tuning_refused" },
  )
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
