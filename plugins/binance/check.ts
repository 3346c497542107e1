import { type BinanceOptions, type CheckContext, VelozError } from "veloz"
import { noEndpointError } from "./errors.js"
import { readCredentials } from "./io/credentials.js"

/** The venue has to be there, its key readable, and a wait that doubles needs room to. */
export function check(
  { reconnect_min_ms, reconnect_max_ms, key_file }: Readonly<BinanceOptions>,
  { report, config: { venue }, services }: CheckContext,
): void {
  if (venue.kind === "sim" && !services.includes("exchange-endpoint")) report(noEndpointError())
  if (venue.kind === "binance") {
    try {
      readCredentials(key_file, process.env)
    } catch (error) {
      report(error as VelozError)
    }
  }
  if (reconnect_min_ms <= reconnect_max_ms) return
  const message = `reconnect_min_ms, ${reconnect_min_ms}, is above reconnect_max_ms, ${reconnect_max_ms}: the first wait is the shortest`
  const about = { status: 400, httpCode: "bad_params", field: "reconnect_min_ms", clashes: ["reconnect_max_ms"] }
  report(new VelozError("VELOZ_BINANCE_RECONNECT", message, about))
}
