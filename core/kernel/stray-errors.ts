import { fileURLToPath } from "node:url"

/** Whose code threw something that nobody catches: in a timer of Node's, or in a promise that nobody awaits. */
export type Culprit =
  | { readonly kind: "user"; readonly file: string; readonly isOf: (hash: string | undefined) => boolean }
  | { readonly kind: "veloz" }
  /** The stack names neither, as where a connection is refused that a library has opened. */
  | { readonly kind: "unknown" }

/** Code of users runs under the name that `evaluate` gives it: the file, and how the hash of its bundle begins. */
const BUNDLE = /(\/[^\n]*?)\?bundle=([0-9a-f]+):\d/
const OURS = fileURLToPath(new URL("../../", import.meta.url))

/** Where a plugin failed then, for the reader. */
export const OF_ITS_OWN = "a timer or promise of its own"

/** Code of users is to blame also where it calls ours with what cannot be. */
export function culpritOf(error: unknown): Culprit {
  const stack = error instanceof Error ? String(error.stack) : ""
  const [, file, start] = BUNDLE.exec(stack) ?? []
  if (file !== undefined) return { kind: "user", file, isOf: (hash) => hash?.startsWith(start) ?? false }
  return stack.includes(OURS) ? { kind: "veloz" } : { kind: "unknown" }
}
