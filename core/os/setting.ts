/** Why a setting is not as wished: a sentence with the mend. */
export interface Refusal {
  readonly state: "needs_privilege" | "unavailable" | "refused"
  readonly text: string
}

/**
 * What this process can ask of the kernel for itself or for one of its threads, and take back. Linux only: elsewhere it
 * reads undefined and refuses. `tid` is the thread that is meant, where it is a setting of threads.
 */
export interface Setting<V> {
  read(tid: number): V | undefined
  write(value: V, tid: number): Refusal | undefined
}

export const needsPrivilege = (text: string): Refusal => ({ state: "needs_privilege", text })
export const unavailable = (text: string): Refusal => ({ state: "unavailable", text })
export const refused = (text: string): Refusal => ({ state: "refused", text })
