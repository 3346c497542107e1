import { definePlugin, type NetTuningOptions } from "veloz"
import { check } from "./check.js"
import { control } from "./control.js"
import { network } from "./network.js"
import { tuning } from "./tuning.js"

export default definePlugin<NetTuningOptions>({
  name: "net-tuning",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Socket options of the venue connections.",
  check: (options) => check(options),
  tuning,
  network,
  control,
})
