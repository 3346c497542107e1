import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { installPacked } from "../support/packed.js"
import { testUnless } from "../support/skip.js"

// docs/plugins.md as a stranger follows it: every block of code is written to the file that it names, and every command
// is run, in the order of the page, in an empty folder with the tarball of veloz.

const PAGE = "docs/plugins.md"
const text = readFileSync(PAGE, "utf8")
const steps = [...text.matchAll(/^```(\S+) (\S+)\n(.*?)^```$/gms)].map(([, kind, name, content]) => ({
  kind,
  name,
  content,
}))
const folder = realpathSync(mkdtempSync(join(tmpdir(), "veloz-plugins-page-")))
const followed = testUnless(installPacked(folder))

test(`${PAGE}: every block of code names its file, and every command is run`, () => {
  const fences = [...text.matchAll(/^```(?!$)(.*)$/gm)].map(([, words]) => words)
  assert.ok(fences.length > 8)
  for (const words of fences) assert.match(words, /^(ts \S+\.ts|sh run)$/)
  assert.is(steps.length, fences.length)
})

for (const { kind, name, content } of steps) {
  if (kind === "ts") {
    followed(`${PAGE}: ${name} is written`, () => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), content)
    })
    continue
  }
  for (const command of content.trim().split("\n")) {
    followed(`${PAGE}: ${command}`, () => {
      const env = { PATH: process.env.PATH, HOME: process.env.HOME }
      const { status, stdout, stderr } = spawnSync("bash", ["-ec", command], { cwd: folder, encoding: "utf8", env })
      assert.is(status, 0, stdout + stderr)
    })
  }
}

followed(`${PAGE}: the files beside the package compile too`, () => {
  const tsc = join(folder, "desk-limits/node_modules/.bin/tsc")
  const words = [
    "--noEmit",
    "--strict",
    "--module",
    "NodeNext",
    "--target",
    "ES2023",
    "--skipLibCheck",
    "--types",
    "node",
  ]
  const roots = [
    "--typeRoots",
    join(folder, "desk-limits/node_modules/@types"),
    "plugins/max-open.ts",
    "veloz.config.ts",
    "venue.config.ts",
  ]
  const { status, stdout } = spawnSync(tsc, [...words, ...roots], { cwd: folder, encoding: "utf8" })
  assert.is(status, 0, stdout)
})

test.after(() => rmSync(folder, { recursive: true }))

test.run()
