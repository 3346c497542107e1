import type { Undone } from "./undo.js"

/** What became of a value that was to be put back, in a sentence. */
export function describeUndone({ id, outcome, found, original, error }: Undone): string {
  switch (outcome) {
    case "clean":
      return `${id} is as before`
    case "restored":
      return `${id} is put back: ${found} -> ${original}`
    case "foreign":
      return `${id} is left at ${found}: somebody else has set it since (it was ${original} before)`
    case "failed":
      return `${id} could not be put back to ${original}: ${(error as Error | undefined)?.message ?? "it stays as it is"}; veloz tune rollback tries again`
  }
}
