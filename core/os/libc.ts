import koffi from "koffi"
import { errorName } from "./error-name.js"

/** A call of libc as Node itself has loaded it, so of glibc and musl alike. */
export type LibcCall = (...args: (number | bigint | ArrayBufferView | null)[]) => number

/**
 * Binds a call at its first use. Undefined elsewhere than on Linux, and where this libc has no such call.
 * `koffi` reads the types: "int", "size_t", "void *".
 */
export function libcCall(name: string, result: string, args: readonly string[]): LibcCall | undefined {
  if (process.platform !== "linux") return undefined
  if (!bound.has(name)) bound.set(name, bind(name, result, args))
  return bound.get(name)
}

/** Why the last call failed, as the name of its error: "EPERM". */
export function lastError(): string {
  return errorName(koffi.errno())
}

const bound = new Map<string, LibcCall | undefined>()

function bind(name: string, result: string, args: readonly string[]): LibcCall | undefined {
  try {
    return koffi.load(null).func(name, result, [...args])
  } catch {
    return undefined
  }
}
