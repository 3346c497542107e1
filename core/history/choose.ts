import type { Attempt } from "./attempt.js"
import { attemptNameError, attemptNotKeptError } from "./errors.js"
import type { HistoryReader } from "./read.js"

/** The number that a word means: a number, `current` for the generation in force, `last` for the newest attempt. */
export async function chooseAttempt(reader: HistoryReader, word: string): Promise<number> {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word)
  const numbers = await reader.numbers()
  if (word === "last" && numbers.length > 0) return numbers[0]
  if (word === "current") {
    const current = await newestGeneration(reader, numbers)
    if (current !== undefined) return current.number
  }
  if (word === "last" || word === "current") throw attemptNotKeptError(word, numbers)
  throw attemptNameError(word)
}

async function newestGeneration(reader: HistoryReader, numbers: readonly number[]): Promise<Attempt | undefined> {
  for (const number of numbers) {
    const attempt = await reader.read(number).catch(() => undefined)
    if (attempt?.outcome === "committed") return attempt
  }
  return undefined
}
