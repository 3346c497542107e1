import { type AlertsOptions, definePlugin } from "veloz"
import { check } from "./check.js"
import { control } from "./control.js"

export default definePlugin<AlertsOptions>({
  name: "alerts",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Alerts on the engine's own measurements.",
  check,
  control,
})
