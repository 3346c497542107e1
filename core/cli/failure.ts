/**
 * What a command that failed says: the sentence of the error, with its code. The stack is for those who mend VeloZ
 * itself, with VELOZ_DEBUG=1, or when the error is no sentence that we made.
 */
export function describeFailure(error: unknown, env: NodeJS.ProcessEnv): string {
  if (!(error instanceof Error)) return `veloz: ${String(error)}`
  if (env.VELOZ_DEBUG) return `veloz: ${error.stack ?? error.message}`
  const code = codeOf(error)
  if (code === undefined) return `veloz: ${error.message}\n(a bug of VeloZ or of a plugin; VELOZ_DEBUG=1 prints where)`
  return error.message.includes(code) ? `veloz: ${error.message}` : `veloz: ${code}: ${error.message}`
}

/** Errors of ours and of the system carry a code; others are surprises. */
function codeOf(error: Error): string | undefined {
  const code = (error as { code?: unknown }).code
  return typeof code === "string" ? code : undefined
}
