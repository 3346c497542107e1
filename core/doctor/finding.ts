/** What a look at the machine or at the engine has found. */
export interface Finding {
  readonly id: string
  /** "problem": something is not as it was wished for, or costs latency now. "note": good to know before one tunes. */
  readonly kind: "problem" | "note"
  readonly seen: string
  readonly means: string
  /** The option to set, or the command to run; null where nothing can be done from here. */
  readonly mend: string | null
}

/** One question: undefined when there is nothing to say. */
export type Check<View> = (view: View) => Finding | undefined

export function findAll<View>(checks: readonly Check<View>[], view: View): Finding[] {
  return checks.flatMap((check) => check(view) ?? [])
}
