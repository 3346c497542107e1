// The errors of the history, one function an error.

import { VelozError } from "../kernel/errors.js"

export function historyEmptyError(folder: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_EMPTY",
    `there is no history in ${folder}: it begins with the first veloz start of this project; an engine that cannot write there has its own, at GET /api/config/history and POST /api/config/rollback`,
  )
}

export function historyForeignError(folder: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_FOREIGN",
    `the history in ${folder} cannot be read: ${reason}; it is for the user alone who started the engine`,
  )
}

export function attemptNameError(word: string): VelozError {
  return new VelozError("VELOZ_HISTORY_NAME", `"${word}" names no attempt: say its number, "current" or "last"`, {
    status: 400,
    httpCode: "bad_params",
    field: "attempt",
  })
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

export function neverInForceError(number: number, outcome: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_NO_GENERATION",
    `there is no generation ${number} to go back to: attempt ${number} ${OUTCOMES[outcome]}; veloz history lists those that were committed`,
    { status: 409, httpCode: "not_available" },
  )
}

const OUTCOMES: Readonly<Record<string, string>> = {
  begun: "has not ended, or its engine ended in the middle of it",
  rejected: "was rejected",
  unchanged: "changed nothing",
}

export function codeGoneError(number: number, plugin: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_GONE",
    `cannot go back to generation ${number}: the code of ${plugin} as it ran then cannot be had: ${reason}`,
    { status: 409, httpCode: "not_available" },
  )
}

export function attemptUnreadError(number: number): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_UNREAD",
    `attempt ${number} made no configuration that could be compared: veloz history show ${number} says why`,
  )
}

export function textWithheldError(number: number, files: readonly string[]): VelozError {
  return new VelozError(
    "VELOZ_HISTORY_WITHHELD",
    `cannot put the files of generation ${number} back: the history does not keep the text of ${files.join(", ")}, which seems to hold a secret or is too large; veloz diff ${number} says what differs`,
  )
}
