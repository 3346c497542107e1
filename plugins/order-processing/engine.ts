import type { EngineContext, OrderProcessingOptions, Part } from "veloz"
import { tapRisk } from "./risk.js"
import { tapValidation } from "./validation.js"

export function engine(context: EngineContext<OrderProcessingOptions>): Part {
  const { options, order } = context
  tapValidation(context)
  const limits = tapRisk(context)
  const retune = (): void => {
    order.trustTyped(options.skip_redundant_validation)
    order.deferRisk(options.async_risk_check)
    order.cancelOnStop(options.cancel_on_stop)
    limits.derive()
  }
  retune()
  return { retune }
}
