// The door "veloz": what configuration files and plugin authors see.

export { defineConfig, definePreset } from "./config/define.js"
export type * from "./config/types.js"
export type { Clock } from "./hot/clock.js"
export type * from "./io/sockets.js"
export type * from "./io/transport.js"
export type * from "./kernel/contract.js"
export { definePlugin } from "./kernel/define-plugin.js"
export { VelozError } from "./kernel/errors.js"
export type { FromSchema, ObjectSchema } from "./kernel/from-schema.js"
export { findBottlenecks } from "./measure/bottlenecks.js"
export type { SocketOptionName, TcpInfo } from "./os/socket.js"
export type { Link } from "./threads/link.js"
