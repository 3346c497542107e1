// The door "veloz/presets": the shipped presets as values, to extend or to read.
export { default as highThroughput } from "./high-throughput.js"
export { default as lowLatency } from "./low-latency.js"
