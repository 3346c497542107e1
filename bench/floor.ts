import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Runs a program and returns what it prints, a time in nanoseconds a line. Undefined when it fails, which is said. */
export type Floor = (...words: readonly (number | string)[]) => number[] | undefined

/**
 * A program in C that does the least that must be done, compiled: what no other way can be faster than. Where there is
 * no compiler, or the program needs another system, it fails each time.
 */
export function floorInC(name: string): Floor {
  const folder = mkdtempSync(join(tmpdir(), "veloz-bench-"))
  process.once("exit", () => rmSync(folder, { recursive: true }))
  const program = join(folder, name)
  const isCompiled = runOrSay("cc", ["-O2", "-pthread", "-o", program, `${SOURCES}/${name}.c`]) !== undefined
  return (...words) => {
    const printed = isCompiled ? runOrSay(program, words.map(String)) : undefined
    return printed?.trim().split("\n").map(Number)
  }
}

function runOrSay(program: string, words: readonly string[]): string | undefined {
  try {
    return execFileSync(program, words, { timeout: 60_000, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" })
  } catch (error) {
    console.error(`there is no floor in C: ${(error as Error).message.split("\n")[0]}`)
    return undefined
  }
}

/** The build leaves C where it is: beside the sources, from the folder that npm runs scripts in. */
const SOURCES = "bench"
