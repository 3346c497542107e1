import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { openMachine } from "../../core/tuning/machine.js"
import type { Machine } from "../../core/tuning/tunable.js"

/** A machine whose /proc and /sys are files below a folder. */
export class MachineFolder {
  readonly machine: Machine

  constructor(
    readonly root: string,
    files: Readonly<Record<string, string>>,
  ) {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(root + file), { recursive: true })
      writeFileSync(root + file, `${text}\n`)
    }
    this.machine = openMachine(root)
  }

  text(file: string): string {
    return readFileSync(this.root + file, "utf8").trim()
  }

  /** Somebody else writes. */
  set(file: string, text: string): void {
    writeFileSync(this.root + file, `${text}\n`)
  }
}
