import { type AnyNode, type ArrayExpression, type ObjectExpression, type Property, parse } from "acorn"

/** Where the members of a literal are, as offsets in the code. */
interface Member {
  readonly keyOffset: number
  readonly valueOffset: number
}

/** What is known of one object: where its members were written, those that a spread copied included. */
type Members = ReadonlyMap<string, Member>

/** What an object literal writes, in order: members, and spreads whose members are known only when it runs. */
type Literal = readonly ({ key: string; member: Member } | "spread")[]

/**
 * Remembers where the objects and arrays of a script were written. Each literal of the code is wrapped in a call that
 * notes the object it made, so that a value is found again through variables, spreads and factories.
 */
export class Provenance {
  /** The code with its literals wrapped; it needs the names of `scope`. */
  readonly code: string
  readonly #literals: Literal[] = []
  readonly #members = new WeakMap<object, Members>()
  /** The objects that were spread into literals that are still being made, innermost last. */
  readonly #spread: unknown[] = []
  readonly #insertions: Insertion[] = []
  readonly #original: string

  constructor(code: string) {
    this.#original = code
    visit(parse(code, { ecmaVersion: "latest", sourceType: "script" }), (node) => this.#wrap(node))
    this.#insertions.sort((a, b) => a.offset - b.offset || a.order - b.order)
    this.code = inserted(code, this.#insertions)
  }

  readonly scope = {
    __veloz_made: <T extends object>(literal: number, value: T): T => {
      this.#note(this.#literals[literal], value)
      return value
    },
    __veloz_spread: <T>(value: T): T => {
      this.#spread.push(value)
      return value
    },
  }

  /** Where a member of an object was written: its key or its value, as an offset in the original code. */
  offsetOf(object: unknown, key: string, part: "key" | "value"): number | undefined {
    if (typeof object !== "object" || object === null) return undefined
    const member = this.#members.get(object)?.get(key)
    return part === "key" ? member?.keyOffset : member?.valueOffset
  }

  /** A position in the wrapped code as one in the original; lines are the same, and columns count from 1. */
  originalColumn(line: number, column: number): number {
    const lineStart = startOfLine(this.#original, line)
    let shift = 0
    for (const { offset, text } of this.#insertions) {
      if (offset < lineStart) continue
      if (offset + shift >= lineStart + column - 1) break
      shift += text.length
    }
    return Math.max(1, column - shift)
  }

  #wrap(node: AnyNode): void {
    if (node.type !== "ObjectExpression" && node.type !== "ArrayExpression") return
    const literal = this.#literals.length
    this.#literals.push(node.type === "ObjectExpression" ? membersOf(node) : itemsOf(node))
    this.#insert(node.start, `__veloz_made(${literal}, `, literal)
    this.#insert(node.end, ")", -literal)
    if (node.type === "ArrayExpression") return
    for (const property of node.properties) {
      if (property.type !== "SpreadElement") continue
      this.#insert(property.argument.start, "__veloz_spread(", -1)
      this.#insert(property.argument.end, ")", 1)
    }
  }

  #insert(offset: number, text: string, order: number): void {
    this.#insertions.push({ offset, text, order })
  }

  #note(literal: Literal, value: object): void {
    const spreads = this.#spread.splice(this.#spread.length - literal.filter((step) => step === "spread").length)
    const members = new Map<string, Member>()
    for (const step of literal) {
      if (step !== "spread") members.set(step.key, step.member)
      else for (const [key, member] of this.#members.get(spreads.shift() as object) ?? []) members.set(key, member)
    }
    this.#members.set(value, members)
  }
}

interface Insertion {
  readonly offset: number
  readonly text: string
  /** Of several at one offset: outer ones open first and close last. */
  readonly order: number
}

function inserted(code: string, insertions: readonly Insertion[]): string {
  let text = ""
  let position = 0
  for (const insertion of insertions) {
    text += code.slice(position, insertion.offset) + insertion.text
    position = insertion.offset
  }
  return text + code.slice(position)
}

function membersOf(node: ObjectExpression): Literal {
  return node.properties.flatMap((property) => {
    if (property.type === "SpreadElement") return "spread"
    const key = keyOf(property)
    const member = { keyOffset: property.start, valueOffset: property.value.start }
    return key === undefined ? [] : { key, member }
  })
}

/** An array is known by position up to its first spread. */
function itemsOf(node: ArrayExpression): Literal {
  const firstSpread = node.elements.findIndex((element) => element?.type === "SpreadElement")
  const known = firstSpread < 0 ? node.elements : node.elements.slice(0, firstSpread)
  return known.flatMap((element, index) => {
    if (element === null) return []
    return { key: String(index), member: { keyOffset: element.start, valueOffset: element.start } }
  })
}

function keyOf({ key, computed }: Property): string | undefined {
  if (key.type === "Literal") return String(key.value)
  return key.type === "Identifier" && !computed ? key.name : undefined
}

function visit(node: AnyNode, enter: (node: AnyNode) => void): void {
  enter(node)
  for (const child of Object.values(node)) {
    for (const item of Array.isArray(child) ? child : [child]) if (isNode(item)) visit(item, enter)
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string"
}

function startOfLine(text: string, line: number): number {
  let offset = 0
  for (let number = 1; number < line; number++) offset = text.indexOf("\n", offset) + 1
  return offset
}
