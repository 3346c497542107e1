import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml"
import { duplicateKeyError, type Located, syntaxError } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame } from "./place.js"
import type { Reading } from "./source.js"

export function readYaml(file: string, text: string): Reading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const located = (offset: number): Located => {
    const { line, column } = position(offset)
    return { file, line, column, frame: codeFrame(text, line, column) }
  }
  // What a parser says behind its first error is often about that one again. A key that is there twice disturbs nothing.
  const twice = document.errors.filter(({ code }) => code === "DUPLICATE_KEY")
  const wrong = document.errors.filter(({ code }) => code !== "DUPLICATE_KEY").slice(0, 1)
  const problems = [
    ...wrong.map(({ pos, code, message }) => syntaxError(located(pos[0]), `no YAML: ${WORDS[code] ?? message}`)),
    ...twice.map(({ pos }) => duplicateKeyError(keyAt(text, pos[0]), located(pos[0]))),
  ]
  let value: unknown
  try {
    if (problems.length === 0) value = document.toJS() ?? {}
  } catch (error) {
    // Aliases: of what is not there, or of each other until there is no end.
    const alias = findAlias(document)
    const { message } = error as Error
    const words = message.startsWith("Excessive") ? "aliases of aliases make more of it than can be read" : message
    problems.push(syntaxError(located(alias?.range?.[0] ?? 0), `no YAML: ${words}`))
  }
  return {
    value,
    problems,
    locate: (path, part) => {
      const offset = offsetOf(document, path, part)
      return offset === undefined ? undefined : position(offset)
    },
  }
}

/** Where the library speaks to programmers. */
const WORDS: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a configuration is one document, and another begins here",
}

function keyAt(text: string, offset: number): string {
  return /^[^\s:]+/.exec(text.slice(offset))?.[0].replaceAll(/^["']|["']$/g, "") ?? "a key"
}

/** The first alias that cannot be resolved, or else the last one. */
function findAlias(document: Document): Alias | undefined {
  let last: Alias | undefined
  visit(document, {
    Alias: (_key, alias) => {
      last = alias
      return alias.resolve(document) === undefined ? visit.BREAK : undefined
    },
  })
  return last
}

function offsetOf(document: Document, path: ConfigPath, part: "key" | "value"): number | undefined {
  let node: Node | undefined | null = document.contents as Node | null
  let offset: number | undefined
  for (const [index, key] of path.entries()) {
    const found = memberOf(node, key, document)
    if (found === undefined) return undefined
    const isKey = part === "key" && index === path.length - 1
    offset = ((isKey ? found.key : undefined) ?? found.value)?.range?.[0]
    node = found.value
  }
  return offset
}

interface Member {
  readonly key?: Node
  readonly value: Node | undefined
}

/** A member of a map or a list: its own, or one that it merges. */
function memberOf(node: Node | undefined | null, name: string, document: Document): Member | undefined {
  const collection = isAlias(node) ? node.resolve(document) : node
  if (isSeq(collection)) return { value: (collection.get(Number(name), true) ?? undefined) as Node | undefined }
  if (!isMap(collection)) return undefined
  const own = collection.items.find(({ key }) => isScalar(key) && String(key.value) === name)
  if (own !== undefined) return { key: own.key as Node, value: (own.value ?? undefined) as Node | undefined }
  const merged = collection.items
    .filter(({ key }) => isScalar(key) && key.source === "<<")
    .map(({ value }) => value as Node)
  const maps = merged.flatMap((value) => (isSeq(value) ? (value.items as Node[]) : value))
  return maps.map((map) => memberOf(map, name, document)).find((member) => member !== undefined)
}
