import { type CpuAffinityOptions, definePlugin } from "veloz"
import { check } from "./check.js"
import { claims } from "./claims.js"
import { control } from "./control.js"
import { tuning } from "./tuning.js"

export default definePlugin<CpuAffinityOptions>({
  name: "cpu-affinity",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Which cores the threads run on, and with which priority.",
  check,
  claims,
  tuning,
  control,
})
