#!/usr/bin/env node
import { runCommandLine } from "./program.js"

process.exitCode = await runCommandLine(process.argv.slice(2))
// What a command has left open does not keep the process: a second is enough to write out what was printed.
setTimeout(() => process.exit(), 1_000).unref()
