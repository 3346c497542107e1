import type { Origin } from "../config/effective.js"
import type { Attempt } from "./attempt.js"
import { attemptNotKeptError } from "./errors.js"

/** Where attempts and what they name are read from. */
export interface HistoryReader {
  /** Of the attempts that are kept, the newest first. */
  numbers(): Promise<number[]>
  /** Undefined when it is not kept. */
  read(number: number): Promise<Attempt | undefined>
  get(object: string): Promise<string>
}

export interface Listing {
  /** The newest first. */
  readonly attempts: readonly Attempt[]
  /** Sentences on those that cannot be read. */
  readonly damaged: readonly string[]
}

/** An attempt with the configuration that it would have made effective; null when it could not even be read. */
export interface WholeAttempt extends Attempt {
  readonly config: Readonly<Record<string, unknown>> | null
  readonly config_origins: Readonly<Record<string, readonly Origin[]>> | null
}

export async function listAttempts(reader: HistoryReader, limit: number): Promise<Listing> {
  const attempts: Attempt[] = []
  const damaged: string[] = []
  for (const number of (await reader.numbers()).slice(0, limit)) {
    try {
      const attempt = await reader.read(number)
      if (attempt !== undefined) attempts.push(attempt)
    } catch (error) {
      damaged.push((error as Error).message)
    }
  }
  return { attempts, damaged }
}

export async function readAttempt(reader: HistoryReader, number: number): Promise<WholeAttempt> {
  const attempt = await reader.read(number)
  if (attempt === undefined) throw attemptNotKeptError(number, await reader.numbers())
  const { values, origins } = attempt
  return {
    ...attempt,
    config: values === null ? null : JSON.parse(await reader.get(values)),
    config_origins: origins === null ? null : JSON.parse(await reader.get(origins)),
  }
}
