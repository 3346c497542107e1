import { lastError, libcCall } from "./libc.js"

/**
 * Limits how long a thread with a real-time policy may run without ever waiting for anything: after so many microseconds
 * the process gets SIGXCPU. "none" lifts the limit. Returns what it was, and why it could not be set.
 */
export function limitRealtime(microseconds: bigint | "none"): { before: bigint | "none"; reason?: string } {
  const get = libcCall("getrlimit", "int", ["int", "void *"])
  const set = libcCall("setrlimit", "int", ["int", "void *"])
  if (get === undefined || set === undefined) return { before: "none", reason: "it takes Linux" }
  const limit = new BigUint64Array(2)
  if (get(RLIMIT_RTTIME, limit) !== 0) return { before: "none", reason: `it cannot be read (${lastError()})` }
  const before = limit[0] === INFINITY ? "none" : limit[0]
  const hard = limit[1]
  const wish = microseconds === "none" ? INFINITY : microseconds
  limit[0] = wish < hard ? wish : hard
  return set(RLIMIT_RTTIME, limit) === 0 ? { before } : { before, reason: `it cannot be set (${lastError()})` }
}

const RLIMIT_RTTIME = 15
const INFINITY = 2n ** 64n - 1n
