import type { Tunable } from "veloz"
import { BOOT_ARGUMENTS } from "./boot-arguments.js"
import { HOST_SYSCTLS } from "./host-sysctls.js"
import { HUGE_PAGE_DEFRAG, HUGE_PAGES } from "./huge-pages.js"
import { NETWORK_SYSCTLS } from "./network-sysctls.js"
import { GOVERNOR, IDLE_STATES } from "./processors.js"

/** What a kernel can be asked for, as far as latency depends on it. Any other sysctl can be asked for by its name. */
export const CATALOGUE: readonly Tunable[] = [
  ...NETWORK_SYSCTLS,
  ...HOST_SYSCTLS,
  GOVERNOR,
  IDLE_STATES,
  HUGE_PAGES,
  HUGE_PAGE_DEFRAG,
  ...BOOT_ARGUMENTS,
]
