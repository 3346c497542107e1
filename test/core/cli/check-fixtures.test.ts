import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { useTwoCpus, withoutMachine } from "../../support/machine-text.js"
import { runVelozIn } from "../../support/run-veloz.js"

// Each folder of test/fixtures/check is a case: configurations, in the formats that it makes sense in, and beside each
// what `veloz check` says of it. A case may have the files that its configuration needs, an env.json and an args.json,
// and a setup.mjs that makes what git cannot hold. The machine counts as one of two CPUs. UPDATE_FIXTURES=1 writes what is said now: read it before you keep it.

const CASES = join(process.cwd(), "test/fixtures/check")
const FORMATS = ["ts", "js", "json", "yaml"]

useTwoCpus()

for (const name of readdirSync(CASES).sort()) {
  for (const format of FORMATS) {
    const config = `veloz.config.${format}`
    if (!existsSync(join(CASES, name, config))) continue
    test(`${name}, ${format}`, async () => {
      const expected = join(CASES, name, `${format}.expected.txt`)
      const said = await check(name, config)
      if (process.env.UPDATE_FIXTURES === "1") writeFileSync(expected, said)
      assert.fixture(said, readFileSync(expected, "utf8"))
    })
  }
}

test.run()

async function check(name: string, config: string): Promise<string> {
  const cwd = realpathSync(mkdtempSync(join(tmpdir(), "veloz-check-")))
  try {
    cpSync(join(CASES, name), cwd, { recursive: true })
    for (const format of FORMATS)
      if (config !== `veloz.config.${format}`) rmSync(join(cwd, `veloz.config.${format}`), { force: true })
    writeFileSync(join(cwd, "package.json"), "{}")
    const setup = join(cwd, "setup.mjs")
    if (existsSync(setup)) (await import(pathToFileURL(setup).href)).default(join(cwd, config))
    const { code, out, err } = await runVelozIn(
      { cwd, env: readJson(join(cwd, "env.json"), {}) },
      "check",
      config,
      ...readJson(join(cwd, "args.json"), []),
    )
    const text = `${out}${err}exit code ${code}\n`
    return withoutMachine(text.replaceAll(cwd, "<project>").replaceAll(process.cwd(), "<veloz>"))
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

function readJson<T>(file: string, fallback: T): T {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as T) : fallback
}
