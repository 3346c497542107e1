import type { Diagnostic } from "./diagnostic.js"
import { notPlainError } from "./errors.js"
import { type ConfigPath, define } from "./path.js"

/**
 * A copy of a value that holds nothing but plain data. What is no data (a function, a class instance, a cycle)
 * is left out and reported; `undefined` members are absent ones.
 */
export function plainCopy(value: unknown, path: ConfigPath, problems: Diagnostic[]): unknown {
  return copy(value, path, problems, [])
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

function copy(value: unknown, path: ConfigPath, problems: Diagnostic[], parents: readonly object[]): unknown {
  if (value === null || value === undefined) return value
  if (typeof value === "string" || typeof value === "boolean") return value
  if (typeof value === "number" && Number.isFinite(value)) return value
  const kind = kindOf(value, parents)
  if (kind !== undefined) {
    problems.push(notPlainError(path, value, kind))
    return undefined
  }
  const inner = [...parents, value as object]
  if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, String(index)], problems, inner))
  const result: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value as object)) {
    const copied = copy(member, [...path, key], problems, inner)
    if (copied !== undefined) define(result, key, copied)
  }
  return result
}

/** What a value is, where it is no plain data. */
function kindOf(value: unknown, parents: readonly object[]): string | undefined {
  if (typeof value === "function") return "a function"
  if (typeof value === "number") return "a number that is not finite"
  if (typeof value !== "object" || value === null) return `a ${typeof value}`
  if (parents.includes(value)) return "an object that contains itself"
  if (Array.isArray(value)) return undefined
  const prototype = Object.getPrototypeOf(value) as object | null
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return undefined
  return `an instance of ${value.constructor?.name ?? "a class"}`
}
