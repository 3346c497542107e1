import { definePlugin, type KernelTuningOptions } from "veloz"
import { control } from "./control.js"
import { tuning } from "./tuning.js"

export default definePlugin<KernelTuningOptions>({
  name: "kernel-tuning",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Kernel settings as a desired state.",
  tuning,
  control,
})
