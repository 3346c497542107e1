// The door "veloz/hot": what the data plane of a plugin may import. Layouts, numbers and structures, no I/O.
export * from "./records.js"
export * from "./deny.js"
export * from "./bytes.js"
export * from "./decimal.js"
export * from "./scan.js"
