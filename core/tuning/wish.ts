import type { Wish } from "./tunable.js"

// A wish of numbers may say what is to be raised only: ">=16777216", or field by field.

/** As it is. */
export const KEEP = "keep"

/** The words of a value, each with whether it is to be raised only. ">=" before the first is for all of them. */
interface Field {
  readonly text: string
  readonly raiseOnly: boolean
}

export function wishText(wish: Wish, found: string): string {
  const fields = fieldsOf(wish)
  const standing = found.split(" ")
  if (fields.length !== standing.length) return fields.map(({ text }) => text).join(" ")
  return fields.map(({ text, raiseOnly }, i) => (raiseOnly ? larger(text, standing[i]) : text)).join(" ")
}

/** The fields of what was found that are above what they were to be raised to; they stay. Empty when there is none. */
export function keptFields(wish: Wish, found: string): string[] {
  const standing = found.split(" ")
  const kept = fieldsOf(wish).map(({ text, raiseOnly }, i) => raiseOnly && isLarger(standing[i], text))
  return standing.filter((_, i) => kept[i])
}

/** Whether a number of the wish is below the one that was found, without being raise-only. */
export function lowers(wish: Wish, found: string): boolean {
  const standing = found.split(" ")
  return fieldsOf(wish).some(({ text, raiseOnly }, i) => !raiseOnly && isLarger(standing[i], text))
}

export function numbersOf(wish: Wish): string[] {
  return fieldsOf(wish).map(({ text }) => text)
}

export function isRaiseOnly(wish: Wish): boolean {
  return fieldsOf(wish).some(({ raiseOnly }) => raiseOnly)
}

const RAISE = ">="

function fieldsOf(wish: Wish): Field[] {
  const text = String(wish).trim()
  const forAll = text.startsWith(RAISE)
  const words = (forAll ? text.slice(RAISE.length) : text).trim().split(/\s+/)
  return words.map((word) => ({ text: word.replace(RAISE, ""), raiseOnly: forAll || word.startsWith(RAISE) }))
}

const isLarger = (one: string | undefined, other: string): boolean =>
  isNumber(one) && isNumber(other) && BigInt(one) > BigInt(other)

const larger = (wished: string, standing: string): string => (isLarger(standing, wished) ? standing : wished)

const isNumber = (text: string | undefined): text is string => text !== undefined && /^-?\d+$/.test(text)
