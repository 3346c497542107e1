import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { type AnyNode, type ObjectExpression, type Program, parse } from "acorn"
import type { Located } from "./errors.js"
import type { ConfigPath } from "./path.js"
import { codeFrame, positionAt } from "./place.js"

const SOURCES = new URL("../../../presets/", import.meta.url)

/**
 * Finds the members of a preset that VeloZ ships in its source, which is what a reader can open; what runs is compiled. A
 * preset is one literal, and its source is JavaScript as well.
 */
export function locateShipped(name: string): (path: ConfigPath, part?: "key" | "value") => Located | undefined {
  const file = fileURLToPath(new URL(`${name}.ts`, SOURCES))
  let source: { readonly text: string; readonly root: ObjectExpression } | undefined
  return (path, part = "value") => {
    try {
      source ??= readPreset(file)
    } catch {
      return undefined
    }
    const { line, column } = positionAt(source.text, offsetOf(source.root, path, part))
    return { file, line, column, frame: codeFrame(source.text, line, column) }
  }
}

function readPreset(file: string): { text: string; root: ObjectExpression } {
  const text = readFileSync(file, "utf8")
  const program: Program = parse(text, { ecmaVersion: "latest", sourceType: "module" })
  const exported = program.body.find((node) => node.type === "ExportDefaultDeclaration")
  const call = exported?.declaration
  const root = call?.type === "CallExpression" ? call.arguments[0] : undefined
  if (root?.type !== "ObjectExpression") throw new Error(`${file} is no literal`)
  return { text, root }
}

/** Of the member that a path leads to, or of the last one on the way that is there. */
function offsetOf(root: ObjectExpression, path: ConfigPath, part: "key" | "value"): number {
  let offset = root.start
  let node: AnyNode = root
  for (const [index, key] of path.entries()) {
    const property: AnyNode | undefined = node.type === "ObjectExpression" ? memberOf(node, key) : undefined
    if (property?.type !== "Property") break
    offset = index < path.length - 1 || part === "key" ? property.start : property.value.start
    node = property.value
  }
  return offset
}

function memberOf(node: ObjectExpression, name: string): AnyNode | undefined {
  return node.properties.find((property) => {
    if (property.type !== "Property") return false
    const { key } = property
    return key.type === "Identifier" ? key.name === name : key.type === "Literal" && key.value === name
  })
}
