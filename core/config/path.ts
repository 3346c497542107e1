/**
 * A place in the configuration, as its keys from the root. In text it reads as in TypeScript:
 * `plugins.market-data.order_book_depth`, `plugins["./plugins/mine.ts"].max`, `symbols[0]`.
 */
export type ConfigPath = readonly string[]

const PLAIN_KEY = /^[A-Za-z_$][\w$-]*$/
const INDEX = /^(0|[1-9]\d*)$/

export function formatPath(path: ConfigPath): string {
  let text = ""
  for (const key of path) {
    if (INDEX.test(key)) text += `[${key}]`
    else if (PLAIN_KEY.test(key)) text += text === "" ? key : `.${key}`
    else text += `[${JSON.stringify(key)}]`
  }
  return text
}

/** The inverse of `formatPath`; `undefined` where the text is no path. */
export function parsePath(text: string): ConfigPath | undefined {
  const step = /\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/y
  const path: string[] = []
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    if (match === null) return undefined
    path.push(match[1] ?? match[2] ?? (JSON.parse(match[3]) as string))
  }
  return path
}

/** The path of a JSON pointer, as ajv writes them: `~1` is unescaped before `~0`. */
export function fromPointer(pointer: string): ConfigPath {
  if (pointer === "") return []
  return pointer
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"))
}

export function valueAt(root: unknown, path: ConfigPath): unknown {
  let value = root
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}

/** Sets a value, making the objects on the way; a scalar in the way is replaced. */
export function setAt(root: Record<string, unknown>, path: ConfigPath, value: unknown): void {
  let parent = root
  for (const key of path.slice(0, -1)) {
    const member = Object.hasOwn(parent, key) ? parent[key] : undefined
    const inner = isPlainObject(member) ? member : {}
    if (inner !== member) define(parent, key, inner)
    parent = inner
  }
  define(parent, path[path.length - 1], value)
}

/** Takes a value out, if it is there. */
export function deleteAt(root: Record<string, unknown>, path: ConfigPath): void {
  const parent = valueAt(root, path.slice(0, -1))
  if (isPlainObject(parent)) delete parent[path[path.length - 1]]
}

/** Adds a member of any name: an assignment to "__proto__" would change the prototype instead. */
export function define(parent: object, key: string, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, writable: true, configurable: true })
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
