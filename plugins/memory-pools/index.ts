import { definePlugin, type MemoryPoolsOptions } from "veloz"
import { check } from "./check.js"
import { claims } from "./claims.js"
import { control } from "./control.js"
import { engine } from "./engine.js"
import { network } from "./network.js"
import { strategy } from "./strategy.js"
import { tuning } from "./tuning.js"

export default definePlugin<MemoryPoolsOptions>({
  name: "memory-pools",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Sizes of the pools of orders, market records and ids.",
  check: (options) => check(options),
  claims,
  tuning,
  engine,
  network,
  strategy,
  control,
})
