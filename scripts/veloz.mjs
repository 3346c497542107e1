#!/usr/bin/env node
// The command `veloz`. In a checkout it first builds what is out of date, as `npm start` does; an installed package has
// no scripts/prepare.mjs, and needs none.

import { existsSync } from "node:fs"

const prepare = new URL("./prepare.mjs", import.meta.url)
if (existsSync(prepare)) await import(prepare.href)
if (!process.exitCode) await import("../dist/core/cli/main.js")
