import { definePlugin } from "veloz"
import { startControl } from "./control.js"
import { startEngine } from "./engine.js"
import { schema } from "./schema.js"

export default definePlugin({
  name: "trade-stats",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Counts the public trades of each symbol, and serves the sums over HTTP.",
  schema,
  primable: true,
  engine: startEngine,
  control: startControl,
})
