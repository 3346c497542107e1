import { type OrderProcessingOptions, VelozError } from "veloz"

/** Refuses what the venue adapter cannot do yet. */
export function check({ use_binary_protocol }: Pick<OrderProcessingOptions, "use_binary_protocol">): void {
  if (!use_binary_protocol) return
  throw new VelozError(
    "VELOZ_NOT_AVAILABLE",
    "order-processing.use_binary_protocol cannot be true: the venue adapter of this release speaks JSON only; leave it false",
    { status: 409, httpCode: "not_available", field: "use_binary_protocol" },
  )
}
