// Checks what `npm pack` would ship: everything that package.json points at, and nothing that only we need.

import { execFileSync } from "node:child_process"
import fs from "node:fs"
import path from "node:path"
import { fileURLToPath } from "node:url"

process.chdir(path.resolve(path.dirname(fileURLToPath(import.meta.url)), ".."))

const manifest = JSON.parse(fs.readFileSync("package.json", "utf8"))
const [{ files }] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
)
const shipped = new Set(files.map(({ path: file }) => file))
const problems = [...missing(), ...unwanted()]
for (const problem of problems) console.error(`package: ${problem}`)
if (problems.length > 0) process.exit(1)
console.log(`package: ${shipped.size} files`)

/** Doors, command, licence, and a folder of compiled code for each plugin and preset. */
function missing() {
  const doors = Object.values(manifest.exports).flatMap((target) =>
    typeof target === "string" ? [target] : Object.values(target),
  )
  const named = [manifest.main, manifest.types, ...Object.values(manifest.bin), ...doors]
    .filter((file) => !file.includes("*"))
    .map((file) => path.posix.normalize(file))
  const plugins = fs.readdirSync("plugins").map((name) => `dist/plugins/${name}/index.js`)
  const presets = fs.readdirSync("presets").map((name) => `dist/presets/${name.replace(/\.ts$/, ".js")}`)
  const schemas = fs.readdirSync("schemas").map((name) => `schemas/${name}`)
  const examples = fs.readdirSync("examples").flatMap((name) => [`${name}/package.json`, `${name}/src/index.ts`])
  const wanted = [
    ...named,
    ...examples.map((file) => `examples/${file}`),
    ...plugins,
    ...presets,
    ...schemas,
    "LICENSE",
    "README.md",
  ]
  return wanted.filter((file) => !shipped.has(file)).map((file) => `${file} would not be shipped`)
}

function unwanted() {
  const strange = [...shipped].filter(
    (file) => /\.(test|bench)\.|(^|\/)test\/|\.ts$/.test(file) && !/\.d\.ts$|^(examples|presets)\//.test(file),
  )
  return strange.map((file) => `${file} would be shipped`)
}
