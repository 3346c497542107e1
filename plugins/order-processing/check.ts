import { type CheckContext, type OrderProcessingOptions, VelozError } from "veloz"

/** Refuses what the venue adapter cannot do yet. */
export function check({ use_binary_protocol }: Readonly<OrderProcessingOptions>, { report }: CheckContext): void {
  if (!use_binary_protocol) return
  const message =
    "order-processing.use_binary_protocol cannot be true: the venue adapter of this release speaks JSON only; leave it false"
  const about = { status: 409, httpCode: "not_available", field: "use_binary_protocol" }
  report(new VelozError("VELOZ_NOT_AVAILABLE", message, about))
}
