import { readFileSync } from "node:fs"

// Capabilities by their bits, as the kernel numbers them.

export const NET_ADMIN = 12
export const IPC_LOCK = 14

/** Whether this process has it in force. Root may lack it, in a container. */
export function hasCapability(bit: number): boolean {
  try {
    const [, hex] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8"))!
    return ((BigInt(`0x${hex}`) >> BigInt(bit)) & 1n) === 1n
  } catch {
    return false
  }
}
