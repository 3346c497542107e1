import { type BinanceOptions, type CheckContext, VelozError } from "veloz"

/** A wait that doubles needs room to. */
export function check(
  { reconnect_min_ms, reconnect_max_ms }: Readonly<BinanceOptions>,
  { report }: CheckContext,
): void {
  if (reconnect_min_ms <= reconnect_max_ms) return
  const message = `reconnect_min_ms, ${reconnect_min_ms}, is above reconnect_max_ms, ${reconnect_max_ms}: the first wait is the shortest`
  const about = { status: 400, httpCode: "bad_params", field: "reconnect_min_ms", clashes: ["reconnect_max_ms"] }
  report(new VelozError("VELOZ_BINANCE_RECONNECT", message, about))
}
