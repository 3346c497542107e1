import { definePlugin, type OrderProcessingOptions } from "veloz"
import { check } from "./check.js"
import { control } from "./control.js"
import { engine } from "./engine.js"
import { network } from "./network.js"

export default definePlugin<OrderProcessingOptions>({
  name: "order-processing",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "The order path: validation, risk, batching, and the HTTP order API.",
  check,
  engine,
  network,
  control,
})
