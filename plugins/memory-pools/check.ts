import os from "node:os"
import type { MemoryPoolsOptions } from "veloz"
import { poolsTooLargeError } from "./errors.js"
import { isTouched, MIB, poolBytes } from "./sizes.js"

/** Of what is there, so much may go to pools: the rest of the process and of the machine lives too. */
const SHARE = 0.9

export interface MachineMemory {
  /** All that this process may ever have. */
  readonly totalBytes: number
  /** What it may have now: the unused, and what it holds already, its pools among it. */
  readonly usableBytes: number
}

/** Pages that are touched must be there; of the others no more than there ever will be. */
export function check(options: Readonly<MemoryPoolsOptions>, memory = machineMemory()): void {
  const wishedBytes = poolBytes(options)
  const limitBytes = SHARE * (isTouched(options) ? memory.usableBytes : memory.totalBytes)
  if (wishedBytes <= limitBytes) return
  throw poolsTooLargeError(largestOf(options), isTouched(options), wishedBytes / MIB, limitBytes / MIB)
}

function machineMemory(): MachineMemory {
  const limitBytes = process.constrainedMemory()
  const totalBytes = limitBytes > 0 ? Math.min(limitBytes, os.totalmem()) : os.totalmem()
  return { totalBytes, usableBytes: Math.min(totalBytes, process.availableMemory() + process.memoryUsage.rss()) }
}

/** The option to lower first. */
function largestOf(options: Readonly<MemoryPoolsOptions>): keyof MemoryPoolsOptions {
  const none = { ...options, order_pool_size: 0, market_event_pool_size: 0, string_pool_size_mb: 0 }
  const names = ["order_pool_size", "market_event_pool_size", "string_pool_size_mb"] as const
  const bytes = (name: (typeof names)[number]): number => poolBytes({ ...none, [name]: options[name] })
  return [...names].sort((a, b) => bytes(b) - bytes(a))[0]
}
