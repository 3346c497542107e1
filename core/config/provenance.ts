import {
  type AnyNode,
  type ArrayExpression,
  type AssignmentExpression,
  type CallExpression,
  type Identifier,
  type ObjectExpression,
  type Property,
  parse,
} from "acorn"

/** Where the members of a literal are, as offsets in the code. */
interface Member {
  readonly keyOffset: number
  readonly valueOffset: number
}

/** What is known of one object: where its members were written, those that were copied into it included. */
type Members = Map<string, Member>

/** What a literal writes, in order. Of some steps is known only when it runs: which keys, or how many. */
type Literal = readonly Step[]
type Step =
  | { readonly kind: "member"; readonly key: string; readonly member: Member }
  | { readonly kind: "computed"; readonly member: Member }
  | { readonly kind: "item"; readonly member: Member }
  | { readonly kind: "hole" }
  | { readonly kind: "spread" }

/**
 * Remembers where the objects and arrays of a script were written. Each literal of the code is wrapped in a call that
 * notes the object it made, so that a value is found again through variables, spreads and factories; and so are the ways
 * in which objects are usually made of others: assignments, Object.assign, Object.fromEntries, structuredClone.
 */
export class Provenance {
  /** The code with its literals wrapped; it needs the names of `scope`. */
  readonly code: string
  readonly #literals: { readonly steps: Literal; readonly offset: number }[] = []
  readonly #assignments: { readonly key: string | undefined; readonly member: Member }[] = []
  readonly #members = new WeakMap<object, Members>()
  /** Where an object's own literal begins: known also of one in a list that map() made. */
  readonly #own = new WeakMap<object, number>()
  /** What was evaluated for literals and calls that are still being made, innermost last. */
  readonly #pending: unknown[] = []
  readonly #insertions: Insertion[] = []
  readonly #original: string
  #wraps = 0

  constructor(code: string) {
    this.#original = code
    visit(parse(code, { ecmaVersion: "latest", sourceType: "script" }), (node) => this.#instrument(node))
    this.#insertions.sort((a, b) => a.offset - b.offset || a.order - b.order)
    this.code = inserted(code, this.#insertions)
  }

  readonly scope = {
    __veloz_made: <T extends object>(literal: number, value: T): T => {
      this.#note(literal, value)
      return value
    },
    /** Keeps what a literal or a call is made of until that is made. */
    __veloz_kept: <T>(value: T): T => {
      this.#pending.push(value)
      return value
    },
    __veloz_set: <T>(assignment: number, value: T): T => {
      this.#noteAssignment(assignment)
      return value
    },
    /** The arguments of Object.assign. */
    __veloz_assigned: (...objects: unknown[]): unknown[] => {
      const [target, ...sources] = objects
      for (const source of sources) this.#copyMembers(source, target)
      return objects
    },
    __veloz_entries: <T>(value: T): T => {
      this.#noteEntries(this.#pending.pop(), value)
      return value
    },
    __veloz_cloned: <T>(value: T): T => {
      this.#noteClone(this.#pending.pop(), value, new Set())
      return value
    },
  }

  /** Where a member of an object was written: its key or its value, as an offset in the original code. */
  offsetOf(object: unknown, key: string, part: "key" | "value"): number | undefined {
    if (!isObject(object)) return undefined
    const member = this.#members.get(object)?.get(key)
    if (member !== undefined) return part === "key" ? member.keyOffset : member.valueOffset
    const value = Object.hasOwn(object, key) ? (object as Record<string, unknown>)[key] : undefined
    return isObject(value) ? this.#own.get(value) : undefined
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

  #instrument(node: AnyNode): void {
    if (node.type === "ObjectExpression" || node.type === "ArrayExpression") this.#instrumentLiteral(node)
    if (node.type === "AssignmentExpression") this.#instrumentAssignment(node)
    if (node.type === "CallExpression") this.#instrumentCall(node)
  }

  #instrumentLiteral(node: ObjectExpression | ArrayExpression): void {
    const literal = this.#literals.length
    this.#literals.push({
      steps: node.type === "ObjectExpression" ? membersOf(node) : itemsOf(node),
      offset: node.start,
    })
    this.#wrap(node, `__veloz_made(${literal}, `)
    for (const part of node.type === "ObjectExpression" ? node.properties : node.elements) {
      if (part?.type === "SpreadElement") this.#wrap(part.argument, "__veloz_kept(")
      else if (part?.type === "Property" && isComputed(part)) this.#wrap(part.key, "__veloz_kept(")
    }
  }

  /** `target.key = value` and `target[key] = value` */
  #instrumentAssignment({ operator, left, right }: AssignmentExpression): void {
    if (operator !== "=" || left.type !== "MemberExpression" || left.object.type === "Super") return
    const { object, property, computed } = left
    if (property.type === "PrivateIdentifier") return
    const key = computed ? undefined : (property as Identifier).name
    const assignment = this.#assignments.length
    this.#assignments.push({ key, member: { keyOffset: property.start, valueOffset: right.start } })
    this.#wrap(object, "__veloz_kept(")
    if (computed) this.#wrap(property, "__veloz_kept(")
    this.#wrap(right, `__veloz_set(${assignment}, `)
  }

  #instrumentCall(call: CallExpression): void {
    const [first] = call.arguments
    const last = call.arguments.at(-1)
    if (first === undefined || last === undefined) return
    const name = this.#original.slice(call.callee.start, call.callee.end)
    if (name === "Object.assign") this.#wrap({ start: first.start, end: last.end }, "...__veloz_assigned(")
    if (first.type === "SpreadElement" || !(name === "Object.fromEntries" || name === "structuredClone")) return
    this.#wrap(call, name === "structuredClone" ? "__veloz_cloned(" : "__veloz_entries(")
    this.#wrap(first, "__veloz_kept(")
  }

  /** Outer wraps are made before inner ones: they open first and close last. */
  #wrap({ start, end }: { readonly start: number; readonly end: number }, opening: string): void {
    const order = ++this.#wraps
    this.#insertions.push({ offset: start, text: opening, order }, { offset: end, text: ")", order: -order })
  }

  #note(literal: number, value: object): void {
    const { steps, offset } = this.#literals[literal]
    this.#own.set(value, offset)
    const dynamic = steps.filter(({ kind }) => kind === "spread" || kind === "computed").length
    const kept = this.#pending.splice(this.#pending.length - dynamic)
    if (Array.isArray(value)) this.#noteItems(steps, kept, value)
    else this.#members.set(value, this.#membersOf(steps, kept))
  }

  #membersOf(steps: Literal, kept: unknown[]): Members {
    const members: Members = new Map()
    for (const step of steps) {
      if (step.kind === "member") members.set(step.key, step.member)
      else if (step.kind === "computed") members.set(String(kept.shift()), step.member)
      else for (const [key, member] of this.#known(kept.shift())) members.set(key, member)
    }
    return members
  }

  /** An item behind a spread stands where the length of what was spread puts it. */
  #noteItems(steps: Literal, kept: unknown[], value: readonly unknown[]): void {
    const members: Members = new Map()
    let index = 0
    for (const step of steps) {
      if (step.kind === "item") members.set(String(index), step.member)
      if (step.kind !== "spread") {
        index += 1
        continue
      }
      const spread = kept.shift()
      // Of other iterables the length is gone with them.
      if (!Array.isArray(spread)) break
      for (const [key, member] of this.#known(spread)) members.set(String(index + Number(key)), member)
      index += spread.length
    }
    this.#members.set(value, members)
  }

  #noteAssignment(assignment: number): void {
    const { key, member } = this.#assignments[assignment]
    const name = key ?? String(this.#pending.pop())
    this.#noteMember(this.#pending.pop(), name, member)
  }

  #noteEntries(entries: unknown, made: unknown): void {
    if (!Array.isArray(entries)) return
    for (const entry of entries) {
      const [keyMember, member] = ["0", "1"].map((key) => isObject(entry) && this.#members.get(entry)?.get(key))
      if (keyMember && member) {
        this.#noteMember(made, String(entry[0]), { keyOffset: keyMember.keyOffset, valueOffset: member.valueOffset })
      }
    }
  }

  #noteClone(original: unknown, clone: unknown, seen: Set<unknown>): void {
    if (!isObject(original) || !isObject(clone) || seen.has(original)) return
    seen.add(original)
    const own = this.#own.get(original)
    if (own !== undefined) this.#own.set(clone, own)
    this.#copyMembers(original, clone)
    for (const [key, value] of Object.entries(original)) {
      this.#noteClone(value, (clone as Record<string, unknown>)[key], seen)
    }
  }

  #copyMembers(source: unknown, target: unknown): void {
    for (const [key, member] of this.#known(source)) this.#noteMember(target, key, member)
  }

  #noteMember(object: unknown, key: string, member: Member): void {
    if (!isObject(object)) return
    const members = this.#members.get(object) ?? new Map<string, Member>()
    this.#members.set(object, members.set(key, member))
  }

  #known(object: unknown): Members {
    return (isObject(object) && this.#members.get(object)) || new Map()
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
  return node.properties.map((property) => {
    if (property.type === "SpreadElement") return { kind: "spread" }
    const member = { keyOffset: property.start, valueOffset: property.value.start }
    const key = keyOf(property)
    return key === undefined ? { kind: "computed", member } : { kind: "member", key, member }
  })
}

function itemsOf(node: ArrayExpression): Literal {
  return node.elements.map((element) => {
    if (element === null) return { kind: "hole" }
    if (element.type === "SpreadElement") return { kind: "spread" }
    return { kind: "item", member: { keyOffset: element.start, valueOffset: element.start } }
  })
}

function keyOf({ key, computed }: Property): string | undefined {
  if (key.type === "Literal") return String(key.value)
  return key.type === "Identifier" && !computed ? key.name : undefined
}

function isComputed(property: Property): boolean {
  return keyOf(property) === undefined
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null
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
