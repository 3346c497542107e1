import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { assertPasses, installPacked, PACKAGE_TOOLS, runPacked } from "../support/packed.js"
import { testUnless } from "../support/skip.js"

// The examples as somebody has them who has never seen this repository: in an empty folder, beside the tarball of veloz.

const folder = realpathSync(mkdtempSync(join(tmpdir(), "veloz-examples-")))
const installed = testUnless(installPacked(folder, ...PACKAGE_TOOLS))

for (const name of readdirSync("examples")) {
  installed(`the example ${name} compiles, and passes its tests and the contract of all plugins`, () => {
    // Its packages are found in the folder above.
    cpSync(join("examples", name), join(folder, name), {
      recursive: true,
      filter: (path) => !/node_modules|dist$/.test(path),
    })
    assertPasses(join(folder, name), 10)
  })
}

installed("the examples are all in the package, which veloz plugin new starts from", () => {
  assert.equal(readdirSync(join(folder, "node_modules/veloz/examples")).sort(), readdirSync("examples").sort())
})

installed("a plugin is used by its source too, before anything of it is built", () => {
  const config = `import maxNotional from "./max-notional/src/index.js"
export default { use: [maxNotional({ max: "1000" })], plugins: { "./trade-stats/src/index.ts": {} } }`
  writeFileSync(join(folder, "veloz.config.ts"), config)
  const { status, stdout, stderr } = runPacked(folder, "check")
  assert.is(status, 0, stdout + stderr)
})

test.after(() => rmSync(folder, { recursive: true }))

test.run()
