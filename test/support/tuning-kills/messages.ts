/** What the storm tells a victim: begin, or go on after a third party has written. */
export interface ToVictim {
  readonly seed: number
  readonly folder: string
  /** Its configuration is changed again and again, or applied once. */
  readonly reloads: boolean
}

/** What a victim tells: that it is there, what it found and put back, and that it waits for a third party. */
export type FromVictim =
  | { readonly type: "ready" }
  | { readonly type: "recovered"; readonly values: Record<string, string>; readonly outcomes: readonly string[] }
  | { readonly type: "waiting" }
