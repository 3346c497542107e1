// The TypeScript type of what a JSON Schema describes: as much of it as options need, and shallow, so that
// editors stay fast.

export interface SchemaNode {
  readonly type?: string | readonly string[]
  readonly properties?: { readonly [name: string]: SchemaNode }
  readonly items?: SchemaNode
  readonly additionalProperties?: boolean | SchemaNode
  readonly enum?: readonly unknown[]
  readonly required?: readonly string[]
  readonly [keyword: string]: unknown
}

export interface ObjectSchema extends SchemaNode {
  readonly type: "object"
  readonly properties: { readonly [name: string]: SchemaNode }
}

type Primitive<T> = T extends "string"
  ? string
  : T extends "number" | "integer"
    ? number
    : T extends "boolean"
      ? boolean
      : T extends "null"
        ? null
        : unknown

/** Properties that are always there: those with a default, and those that have to be set. */
type Present<S, P> =
  | { [K in keyof P]: P[K] extends { readonly default: unknown } ? K : never }[keyof P]
  | (S extends { readonly required: readonly (infer R)[] } ? R & keyof P : never)

/** Options as a part sees them: every default is filled in, so only what has none and is not required may be missing. */
export type FromSchema<S> = S extends { readonly enum: readonly (infer E)[] }
  ? E
  : S extends { readonly properties: infer P }
    ? { -readonly [K in keyof P as K extends Present<S, P> ? K : never]: FromSchema<P[K]> } & {
        -readonly [K in keyof P as K extends Present<S, P> ? never : K]?: FromSchema<P[K]>
      }
    : S extends { readonly type: "array"; readonly items: infer I }
      ? FromSchema<I>[]
      : S extends { readonly type: readonly (infer T)[] }
        ? Primitive<T>
        : S extends { readonly type: infer T }
          ? Primitive<T>
          : unknown
