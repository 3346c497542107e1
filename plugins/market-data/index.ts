import { definePlugin, type MarketDataOptions } from "veloz"
import { check } from "./check.js"
import { control } from "./control.js"
import { engine } from "./engine.js"
import { network } from "./network.js"

export default definePlugin<MarketDataOptions>({
  name: "market-data",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "The market path: how book updates travel from the venue to the strategies.",
  check,
  engine,
  network,
  control,
})
