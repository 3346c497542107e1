import { type BinanceOptions, definePlugin } from "veloz"
import { check } from "./check.js"
import { startControl } from "./control.js"
import { startNetwork } from "./network.js"

export default definePlugin<BinanceOptions>({
  name: "binance",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Speaks Binance Spot: market streams, signed orders, execution reports.",
  after: ["sim-exchange"],
  provides: ["venue"],
  venues: ["binance", "sim"],
  check,
  network: startNetwork,
  control: startControl,
})
