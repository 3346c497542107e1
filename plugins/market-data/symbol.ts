import { type ControlContext, VelozError } from "veloz"

/** The symbol that a request names, or the first of the configured ones. */
export function symbolOf(wish: unknown, { config, engine }: Pick<ControlContext<object>, "config" | "engine">): string {
  if (wish === undefined) return config.symbols[0]
  const symbol = String(wish)
  if (engine.symbols.indexOf(symbol) >= 0) return symbol
  const known = engine.symbols.all.map(({ name }) => name).join(", ")
  throw new VelozError("VELOZ_UNKNOWN_SYMBOL", `this engine does not trade "${symbol}", it trades ${known}`, {
    status: 400,
    httpCode: "bad_params",
    field: "symbol",
  })
}
