import type { Command } from "commander"
import type { CliEnvironment } from "../environment.js"

/** Adds one command to the program: its words and its options. The code behind it is loaded when it runs. */
export type DeclareCommand = (program: Command, environment: CliEnvironment, run: Run) => void

/** What a command leaves behind. */
export interface Run {
  exitCode: number
}
