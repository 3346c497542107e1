import { formatPath, isPlainObject } from "./path.js"

export interface ValueChange {
  readonly path: string
  /** `undefined` where nothing was, or is, set. */
  readonly from: unknown
  readonly to: unknown
}

/** Where two trees of plain data differ: in members of objects, and in arrays and scalars as a whole. */
export function differences(from: object, to: object, base: readonly string[] = []): ValueChange[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  return [...keys].flatMap((key) => {
    const [old, next] = [memberOf(from, key), memberOf(to, key)]
    const path = [...base, key]
    if (isPlainObject(old) && isPlainObject(next)) return differences(old, next, path)
    return JSON.stringify(old) === JSON.stringify(next) ? [] : [{ path: formatPath(path), from: old, to: next }]
  })
}

function memberOf(node: object, key: string): unknown {
  return Object.hasOwn(node, key) ? (node as Record<string, unknown>)[key] : undefined
}
