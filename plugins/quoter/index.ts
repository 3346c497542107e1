import { definePlugin, type QuoterOptions } from "veloz"
import { check } from "./check.js"
import { strategy } from "./strategy.js"

export default definePlugin<QuoterOptions>({
  name: "quoter",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "The default strategy: a quote on both sides near the touch, so that there is order flow to measure.",
  after: ["market-data", "order-processing"],
  check,
  strategy,
})
