import fs from "node:fs"
import os from "node:os"
import path from "node:path"

/**
 * Where undo journals are kept: of the machine rather than of a project, so that whoever starts next, from wherever, puts
 * back what a killed engine has left. VELOZ_STATE_DIR says another place.
 */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  if (env.VELOZ_STATE_DIR) return path.resolve(env.VELOZ_STATE_DIR, "tuning")
  // Root of a user namespace has no place in /var/lib.
  if (process.geteuid?.() === 0 && canWrite(SYSTEM)) return path.join(SYSTEM, "veloz", "tuning")
  const home = env.HOME ?? os.homedir()
  return path.join(env.XDG_STATE_HOME || path.join(home, ".local", "state"), "veloz", "tuning")
}

const SYSTEM = "/var/lib"

function canWrite(folder: string): boolean {
  try {
    fs.accessSync(folder, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}
