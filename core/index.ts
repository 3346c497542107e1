// The door "veloz": what configuration files and plugin authors see.

export { defineConfig, definePreset } from "./config/define.js"
export { withoutSecrets } from "./config/secrets.js"
export type * from "./config/types.js"
export type { Attempt } from "./history/attempt.js"
export type { Listing, WholeAttempt } from "./history/read.js"
export type { Clock } from "./hot/clock.js"
export type { Link } from "./hot/link.js"
export type * from "./io/sockets.js"
export type * from "./io/transport.js"
export type * from "./kernel/contract.js"
export { definePlugin } from "./kernel/define-plugin.js"
export { VelozError } from "./kernel/errors.js"
export type { FromSchema, ObjectSchema } from "./kernel/from-schema.js"
export { findBottlenecks } from "./measure/bottlenecks.js"
export { describeCpus } from "./os/cpu-text.js"
export { type CpuTopology, formatCpuList, parseCpuList } from "./os/cpus.js"
export type { PageWish } from "./os/page-care.js"
export type { ProcessMemoryReading } from "./os/process-memory.js"
export type { SocketOptionName, SocketOptionValue, TcpInfo } from "./os/socket.js"
export {
  checkChoice,
  kernelFiles,
  readPattern,
  type SysctlFacts,
  sysctl,
  unknownSysctl,
} from "./tuning/kernel-files.js"
export type * from "./tuning/tunable.js"
