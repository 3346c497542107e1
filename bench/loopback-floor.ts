import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/**
 * Round trips of so many bytes over loopback between two C programs, in nanoseconds. Undefined where there is no
 * compiler, which is said once.
 */
export function loopbackFloor(rounds: number, requestBytes: number, answerBytes: number): number[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), "veloz-bench-"))
  const program = join(folder, "loopback-floor")
  try {
    execFileSync("cc", ["-O2", "-o", program, SOURCE], { stdio: ["ignore", "ignore", "pipe"] })
    const printed = execFileSync(program, [rounds, requestBytes, answerBytes].map(String), { timeout: 60_000 })
    return printed.toString().trim().split("\n").map(Number)
  } catch (error) {
    console.error(`there is no floor in C: ${(error as Error).message.split("\n")[0]}`)
    return undefined
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The build leaves C where it is: beside the sources, from the folder that npm runs scripts in. */
const SOURCE = "bench/loopback-floor.c"
