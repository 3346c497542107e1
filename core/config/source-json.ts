import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser"
import type { Diagnostic } from "./diagnostic.js"
import { duplicateError, type Located, syntaxError } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame, positionAt } from "./place.js"
import type { Reading } from "./source.js"

/** JSON with comments and trailing commas. */
export function readJson(file: string, text: string): Reading {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true })
  const problems: Diagnostic[] = []
  for (const { error, offset } of errors.slice(0, 1)) {
    problems.push(syntaxError(locatedAt(file, text, offset), describe(printParseErrorCode(error))))
  }
  const value = root === undefined || problems.length > 0 ? undefined : readNode(root, [], file, text, problems)
  return {
    value,
    problems,
    locate: (path, part) => {
      const node = root && find(root, path)
      const target = part === "key" && node?.parent?.type === "property" ? node.parent : node
      return target && positionAt(text, target.offset)
    },
  }
}

function find(root: Node, path: ConfigPath): Node | undefined {
  let node: Node | undefined = root
  for (const key of path) {
    if (node === undefined) return undefined
    node = findNodeAtLocation(node, [node.type === "array" ? Number(key) : key])
  }
  return node
}

/** The value of a tree; jsonc-parser's own lets a second key of the same name win silently. */
function readNode(node: Node, path: ConfigPath, file: string, text: string, problems: Diagnostic[]): unknown {
  const children = node.children ?? []
  if (node.type === "array") {
    return children.map((item, index) => readNode(item, [...path, String(index)], file, text, problems))
  }
  if (node.type !== "object") return node.value
  const members = new Map<string, unknown>()
  for (const property of children) {
    const [key, value] = property.children as [Node, Node]
    const inner = [...path, key.value as string]
    if (members.has(key.value)) problems.push(duplicateError(inner, locatedAt(file, text, key.offset)))
    members.set(key.value, readNode(value, inner, file, text, problems))
  }
  return Object.fromEntries(members)
}

function locatedAt(file: string, text: string, offset: number): Located {
  const { line, column } = positionAt(text, offset)
  return { file, line, column, frame: codeFrame(text, line, column) }
}

/** "CloseBraceExpected" -> "close brace expected". */
function describe(code: string): string {
  return `no JSON: ${code.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase()}`
}
