import { definePlugin, type MemoryPoolsOptions } from "veloz"
import { check } from "./check.js"
import { control } from "./control.js"

export default definePlugin<MemoryPoolsOptions>({
  name: "memory-pools",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Sizes of the pools of orders, market records and ids.",
  check,
  control,
})
