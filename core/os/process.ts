import fs from "node:fs"

/**
 * Gives this process the name by which ps, pgrep and top know it. Call it on the main thread, before workers start:
 * they would inherit it. Returns the name in force, which a system may have shortened.
 */
export function setProcessName(name: string): string {
  // The command line, as `ps -f` and `pgrep -f` read it.
  process.title = name
  if (process.platform !== "linux") return process.title
  try {
    // The name of the main thread, as `ps -o comm` and `pgrep -x` read it. The kernel keeps 15 bytes.
    fs.writeFileSync("/proc/self/comm", name)
    return fs.readFileSync("/proc/self/comm", "utf8").trimEnd()
  } catch {
    return process.title
  }
}
