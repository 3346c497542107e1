import os from "node:os"

/** What figures depend on beside the configuration. */
export function readMachine(): Record<string, string | number> {
  const cpus = os.cpus()
  return {
    cores: cpus.length,
    cpu_model: cpus[0]?.model.trim() ?? "unknown",
    kernel: `${os.type()} ${os.release()} ${os.machine()}`,
    node: process.version,
  }
}
