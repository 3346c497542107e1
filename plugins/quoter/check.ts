import { type CheckContext, type QuoterOptions, VelozError } from "veloz"

/** It quotes what the engine trades. */
export function check({ symbol }: Readonly<QuoterOptions>, { report, config }: CheckContext): void {
  if (symbol === undefined || config.symbols.includes(symbol)) return
  const message = `the quoter cannot quote ${JSON.stringify(symbol)}: the engine trades ${config.symbols.join(", ")}; name one of them, or add it to symbols`
  report(
    new VelozError("VELOZ_QUOTER_SYMBOL", message, {
      status: 400,
      httpCode: "bad_params",
      field: "symbol",
      clashes: ["symbols"],
    }),
  )
}
