import { Ajv, type ErrorObject, type Options, type ValidateFunction } from "ajv"
import type { Diagnostic } from "../config/diagnostic.js"
import { nearest } from "../config/nearest.js"
import type { OptionSchema } from "../config/schemas.js"
import { validate } from "../config/validate.js"
import { badParamsError, type VelozError } from "./errors.js"

/** What fastify calls: true, or the error that the request is answered with. */
export type Validate = (data: unknown) => true | { error: VelozError }

/**
 * Compiles the schemas of routes. Compiled validators are kept by the text of their schema, because every generation
 * brings the same routes again and a compilation costs milliseconds and memory.
 */
export class RequestValidators {
  readonly #compiled = new Map<string, Validate>()
  readonly #body = new Ajv(STRICT)
  // A query is text: there "5" is as good a number as any.
  readonly #query = new Ajv({ ...STRICT, coerceTypes: true })

  compile(schema: object, place: string): Validate {
    const key = `${place} ${JSON.stringify(schema)}`
    let validate = this.#compiled.get(key)
    if (validate === undefined) {
      const ajv = place === "body" ? this.#body : this.#query
      validate = toValidate(ajv.compile(schema), place)
      this.#compiled.set(key, validate)
    }
    return validate
  }
}

/** The schema of a route with what it leaves open closed: members that it does not list are refused. */
export function closed(schema: object | undefined): object {
  return { type: "object", additionalProperties: false, properties: {}, ...schema }
}

const STRICT = {
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  verbose: true,
  keywords: [
    "x-veloz-env",
    "x-veloz-reload",
    "x-veloz-unit",
    "x-veloz-type",
    "x-veloz-alias",
    "x-veloz-request",
    "x-veloz-venues",
  ],
} satisfies Options

function toValidate(fits: ValidateFunction, place: string): Validate {
  return (data) => {
    if (fits(data)) return true
    const error = explain(fits.errors![0], place, data)
    return { error: hasOptions(fits.schema) ? inOptions(error, fits.schema, data) : error }
  }
}

/** A body of options: what is wrong with it is told as it is of a file, all at once. */
function hasOptions(schema: unknown): schema is OptionSchema {
  return Object.values((schema as OptionSchema).properties ?? {}).some((node) => node["x-veloz-reload"] !== undefined)
}

function inOptions(error: VelozError, schema: OptionSchema, data: unknown): VelozError {
  const diagnostics = validate(schema, structuredClone(data), []).map(({ diagnostic }) => diagnostic)
  const message = diagnostics.map((diagnostic) => sentence(diagnostic)).join("; ")
  return diagnostics.length === 0 ? error : badParamsError(error.field, message, diagnostics)
}

function sentence({ message, hint }: Diagnostic): string {
  return hint === undefined ? message : `${message}; ${hint}`
}

function explain(error: ErrorObject, place: string, data: unknown): VelozError {
  const path = error.instancePath.slice(1).split("/").filter(Boolean).map(unescapePointer)
  const within = (name: string): string => [...path, name].join(".")
  // A misspelt member is unknown, and the one that was meant is missing: the first of the two says more.
  const stranger = strangerOf(error)
  if (stranger !== undefined) return unknownMember(error, stranger, within, place)
  if (error.keyword === "required") {
    const field = within(error.params.missingProperty as string)
    return badParamsError(field, `${field} is missing`)
  }
  if (path.length === 0) {
    const found = data === null ? "was not sent" : `was ${JSON.stringify(data)?.slice(0, 80)}`
    return badParamsError(
      undefined,
      `the ${place === "body" ? "body must be a JSON object" : "query does not fit"}, ${found}`,
    )
  }
  const field = path.join(".")
  return badParamsError(field, `${field} ${expectation(error)}, was ${shown(error.data)}`)
}

function strangerOf(error: ErrorObject): string | undefined {
  if (error.keyword === "additionalProperties") return error.params.additionalProperty as string
  if (error.keyword !== "required" || error.parentSchema?.additionalProperties !== false) return undefined
  return Object.keys(error.data as object).find((name) => !knownMembers(error).includes(name))
}

function knownMembers(error: ErrorObject): string[] {
  return Object.keys((error.parentSchema?.properties as object | undefined) ?? {})
}

function unknownMember(error: ErrorObject, name: string, within: (name: string) => string, place: string): VelozError {
  const known = knownMembers(error)
  const near = nearest(name, known)
  const hint =
    near !== undefined
      ? `did you mean "${near}"?`
      : known.length === 0
        ? "nothing is expected here"
        : `known are ${known.join(", ")}`
  return badParamsError(within(name), `"${name}" is no member of the ${place === "body" ? "body" : "query"}; ${hint}`)
}

function expectation(error: ErrorObject): string {
  switch (error.keyword) {
    case "enum":
      return `must be one of ${(error.params.allowedValues as unknown[]).join(", ")}`
    case "const":
      return `must be ${shown(error.params.allowedValue)}`
    case "type":
      return `must be ${[error.params.type].flat().join(" or ")}`
    case "pattern":
      return `must look like ${error.params.pattern}`
    default:
      return error.message ?? "does not fit"
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function unescapePointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~")
}
