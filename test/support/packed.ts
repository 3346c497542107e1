import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as assert from "uvu/assert"

const { devDependencies } = JSON.parse(readFileSync("examples/max-notional/package.json", "utf8"))

/** What the packages of plugins are compiled with. */
export const PACKAGE_TOOLS: readonly string[] = Object.entries(devDependencies as Record<string, string>)
  .filter(([name]) => name !== "veloz")
  .map(([name, range]) => `${name}@${range}`)

/**
 * Packs what is built, and installs it in an empty folder with other packages, from npm's cache where that has them.
 * Returns what stands in the way of it: a registry that cannot be reached.
 */
export function installPacked(folder: string, ...packages: string[]): string | undefined {
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }`)
  const packed = npm(process.cwd(), "pack", "--ignore-scripts", "--json", "--pack-destination", folder)
  if (packed.status !== 0) throw new Error(`npm pack failed:\n${packed.stderr}`)
  const [{ filename }] = JSON.parse(packed.stdout)
  return npmInstall(folder, `./${filename}`, ...packages)
}

/** `npm install` of what is named, or of what package.json asks for. */
export function npmInstall(folder: string, ...packages: string[]): string | undefined {
  const result = npm(folder, "install", "--prefer-offline", "--no-audit", "--no-fund", ...packages)
  if (result.status === 0) return undefined
  const away = /\b(ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENOTCACHED|E50\d)\b/.exec(result.stderr)
  if (away === null) throw new Error(`npm install failed:\n${result.stderr}`)
  return `the package registry cannot be reached (${away[1]})`
}

/** A command of the installed package. */
export function runPacked(folder: string, ...words: string[]) {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME }
  return spawnSync(join(folder, "node_modules/.bin/veloz"), words, { cwd: folder, encoding: "utf8", env })
}

/** `npm test` of a package is happy, with at least so many tests. */
export function assertPasses(cwd: string, atLeast: number): void {
  const { status, stdout, stderr } = npm(cwd, "test")
  assert.is(status, 0, stdout + stderr)
  assert.ok(Number(/^(?:#|ℹ) pass (\d+)$/m.exec(stdout)?.[1]) >= atLeast, stdout)
}

function npm(cwd: string, ...words: string[]) {
  return spawnSync("npm", words, { cwd, encoding: "utf8", shell: process.platform === "win32" })
}
