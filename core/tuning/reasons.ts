import type { Machine, Tunable } from "./tunable.js"

// Why the kernel does not let a value be read or set, in a sentence each, with the mend.

/** The path, and who may. */
export function explainUnwritable(path: string, { needs, scope }: Tunable, machine: Machine): string {
  if (needs !== undefined && !machine.has(needs)) return `${path} needs ${privilegeText(needs)}`
  return `${path} is read-only ${placeOf(path, scope)}`
}

/** What an error of the system means for a tunable. */
export function explainErrno(error: unknown, tunable: Tunable, machine: Machine): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException
  const path = shown(file, tunable)
  switch (code) {
    case "ENOENT":
      return `${path} is not there: this kernel, this virtual machine or this network namespace has none`
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return explainUnwritable(path, tunable, machine)
    case "EINVAL":
    case "ERANGE":
      return `the kernel does not take this value for ${path}: see what it may be (veloz tune explain ${tunable.id})`
    case "ENOMEM":
      return `the kernel has no memory for it, or the limit of locked memory is too low: raise it (ulimit -l), or give CAP_IPC_LOCK`
    case "EBUSY":
      return `${path} is held by somebody else (EBUSY): end what holds it, and try again`
    default:
      return `${path}: ${message}`
  }
}

function privilegeText(needs: string): string {
  if (needs === "root") return "the user root of the host: start as root, or set it there by other means"
  return `${needs}: start as root, or give node the capability (setcap, AmbientCapabilities= of systemd, --cap-add of a container)`
}

function placeOf(path: string, scope: Tunable["scope"]): string {
  if (path.startsWith("/proc/sys/net/") && scope === "host") return "in this network namespace; set it on the host"
  return "here, as in a container or a user namespace; set it on the host"
}

/** The path below /, whatever root a test has given. */
function shown(file: string | undefined, { id }: Tunable): string {
  return /\/(proc|sys|dev)\/.*$/.exec(file ?? "")?.[0] ?? id
}
