import { type Diagnostic, type Related, toJson } from "../config/diagnostic.js"
import type { Origin } from "../config/effective.js"
import { parsePath } from "../config/path.js"
import type { PathChange } from "../config/plan.js"
import { hideSecrets, withoutSecretAt } from "../config/secrets.js"

// What is kept and shown of an attempt, without the secrets that somebody may have put into it.

export function openChange({ path, from, to, reload }: PathChange): PathChange {
  return { path, from: openValue(path, from), to: openValue(path, to), reload }
}

export function openDiagnostic(diagnostic: Diagnostic): Diagnostic {
  const { message, related, ...rest } = toJson(diagnostic)
  return {
    ...openPlace({ ...rest, message: hideSecrets(message) }),
    ...(related && { related: related.map(openPlace) }),
  }
}

function openPlace<T extends Related>(place: T): T {
  const { path, value, frame } = place
  return {
    ...place,
    ...(value !== undefined && { value: openValue(path, value) }),
    ...(frame !== undefined && { frame: hideSecrets(frame) }),
  }
}

export function openOrigins(origins: ReadonlyMap<string, readonly Origin[]>): Record<string, Origin[]> {
  const open = [...origins].map(([path, list]) => {
    return [path, list.map((origin) => ({ ...origin, value: openValue(path, origin.value) }))] as const
  })
  return Object.fromEntries(open)
}

function openValue(path: string, value: unknown): unknown {
  return withoutSecretAt(parsePath(path)?.at(-1) ?? "", value)
}
