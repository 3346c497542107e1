import { definePlugin, type MetricsApiOptions } from "veloz"
import { claims } from "./claims.js"
import { control } from "./control.js"

export default definePlugin<MetricsApiOptions>({
  name: "metrics-api",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "The HTTP server, and what can be read of the running engine.",
  claims,
  control,
})
