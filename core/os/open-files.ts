import { closeSync, constants, openSync } from "node:fs"
import koffi from "koffi"

/**
 * Whether somebody holds a file open for writing: what is in it may be half of what it is going to be. The kernel gives
 * a read lease only on a file that nobody can change, and the lease is handed back at once. False where that cannot be
 * told: on other systems, on file systems without leases, and of files of another user.
 */
export function isBeingWritten(file: string): boolean {
  if (process.platform !== "linux") return false
  let fd: number
  try {
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch {
    return false
  }
  try {
    return isLeaseRefused(fd)
  } finally {
    closeSync(fd)
  }
}

const F_SETSIG = 10
const F_SETLEASE = 1024
const F_RDLCK = 0
const F_UNLCK = 2
const EAGAIN = 11
// Who opens the file while the lease is held makes the kernel send a signal, SIGIO unless another is chosen, which ends
// the process. This one is ignored unless somebody asks for it.
const SIGURG = 23

let fcntl: ((fd: number, command: number, type: "int", value: number) => number) | undefined

function isLeaseRefused(fd: number): boolean {
  fcntl ??= koffi.load(null).func("int fcntl(int fd, int command, ...)")
  if (fcntl(fd, F_SETSIG, "int", SIGURG) !== 0) return false
  if (fcntl(fd, F_SETLEASE, "int", F_RDLCK) !== 0) return koffi.errno() === EAGAIN
  fcntl(fd, F_SETLEASE, "int", F_UNLCK)
  return false
}
