import fs from "node:fs"
import koffi from "koffi"

/**
 * A lock on an open file, as flock(2) has it: the kernel gives it up when the process ends, by kill -9 too, whatever
 * namespaces it lived in. Children that are executed do not inherit it.
 */
export class FileLock {
  private constructor(private readonly fd: number) {}

  /** Takes the lock, or returns undefined when another process has it. The file is made when it is not there. */
  static tryOpen(file: string): FileLock | undefined {
    const fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600)
    if (tryLock(fd)) return new FileLock(fd)
    fs.closeSync(fd)
    return undefined
  }

  release(): void {
    fs.closeSync(this.fd)
  }
}

/** Locks an open file for as long as it is open. False when another process has it. */
export function tryLock(fd: number): boolean {
  if (process.platform !== "linux") return true
  return flock()(fd, LOCK_EX | LOCK_NB) === 0
}

const LOCK_EX = 2
const LOCK_NB = 4

let bound: ((fd: number, operation: number) => number) | undefined

function flock(): (fd: number, operation: number) => number {
  bound ??= koffi.load(null).func("flock", "int", ["int", "int"])
  return bound!
}
