// The errors of the history, one function an error.

import { VelozError } from "../kernel/errors.js"

export function historyEmptyError(folder: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_EMPTY",
    `there is no history in ${folder}: it begins with the first veloz start of this project`,
  )
}

export function attemptNameError(word: string): VelozError {
  return new VelozError("VELOZ_HISTORY_NAME", `"${word}" names no attempt: say its number, "current" or "last"`)
}

export function attemptNotKeptError(number: number | string, [newest, ...others]: readonly number[]): VelozError {
  const oldest = others.at(-1) ?? newest
  const kept = newest === undefined ? "it is empty" : `it has numbers from ${oldest} to ${newest}`
  return new VelozError("VELOZ_HISTORY_UNKNOWN", `the history has no attempt ${number}: ${kept}`, {
    status: 404,
    httpCode: "not_found",
  })
}

export function attemptDamagedError(number: number, file: string, problem: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_DAMAGED",
    `attempt ${number} of the history cannot be read: ${problem} (${file}); remove the file`,
    { status: 409, httpCode: "not_available" },
  )
}

export function objectMissingError(file: string): VelozError {
  return new VelozError("VELOZ_HISTORY_GONE", `a part of the history is gone: ${file}`, {
    status: 409,
    httpCode: "not_available",
  })
}

export function objectDamagedError(file: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_DAMAGED",
    `a part of the history has another content than its name says: ${file}; remove the file`,
    { status: 409, httpCode: "not_available" },
  )
}
