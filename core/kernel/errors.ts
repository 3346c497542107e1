// Every error of the running product is made here, one function an error: a code, the wish, the value, the place
// and the mend. docs/errors.md lists the codes; a test fails when one is missing there.

export interface VelozErrorOptions {
  /** HTTP status, where a request caused it. */
  status?: number
  /** Code of the HTTP answer, such as "bad_params". */
  httpCode?: string
  /** The field of the request. */
  field?: string
  cause?: unknown
}

export class VelozError extends Error {
  readonly code: string
  readonly status: number
  readonly httpCode: string
  readonly field: string | undefined

  constructor(code: string, message: string, options: VelozErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = "VelozError"
    this.code = code
    this.status = options.status ?? 500
    this.httpCode = options.httpCode ?? "internal"
    this.field = options.field
  }
}
