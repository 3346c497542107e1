import { isCollection, isPair, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from "yaml"
import { syntaxError } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame } from "./place.js"
import type { Reading } from "./source.js"

export function readYaml(file: string, text: string): Reading {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const problems = document.errors.map((error) => {
    const { line, column } = position(error.pos[0])
    return syntaxError({ file, line, column, frame: codeFrame(text, line, column) }, `no YAML: ${error.message}`)
  })
  return {
    value: problems.length > 0 ? undefined : (document.toJS() ?? {}),
    problems,
    locate: (path, part) => {
      const offset = offsetOf(document.contents, path, part)
      return offset === undefined ? undefined : position(offset)
    },
  }
}

function offsetOf(root: Node | null, path: ConfigPath, part: "key" | "value"): number | undefined {
  const parent = nodeAt(root, path.slice(0, -1))
  const last = path[path.length - 1]
  if (part === "key" && isCollection(parent)) {
    const pair = (parent as YAMLMap).items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last)
    const key = pair?.key as Node | undefined
    if (key?.range) return key.range[0]
  }
  return nodeAt(root, path)?.range?.[0]
}

function nodeAt(root: Node | null, path: ConfigPath): Node | undefined {
  let node: unknown = root
  for (const key of path) {
    if (!isCollection(node)) return undefined
    node = node.get(key, true)
  }
  return (node ?? undefined) as Node | undefined
}
