import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { assertPasses, installPacked, npmInstall, runPacked } from "../support/packed.js"
import { testUnless } from "../support/skip.js"

// What an author does who has nothing but the tarball of veloz.

const folder = realpathSync(mkdtempSync(join(tmpdir(), "veloz-author-")))
const installed = testUnless(installPacked(folder))

installed("what veloz plugin new writes installs, passes its tests, and is named in a configuration at once", () => {
  runPacked(folder, "plugin", "new", "@desk/wide-quoter", "--kind", "strategy")
  const plugin = join(folder, "wide-quoter")
  assert.is(npmInstall(plugin), undefined)
  assertPasses(plugin, 12)

  assert.is(npmInstall(folder, "./wide-quoter"), undefined)
  const config = (options: string): void =>
    writeFileSync(
      join(folder, "veloz.config.ts"),
      `export default { plugins: { quoter: false, "@desk/wide-quoter": { ${options} } } }`,
    )
  config("spread_bps: 20")
  assert.is(runPacked(folder, "check").status, 0)
  assert.match(readFileSync(join(folder, ".veloz/types.d.ts"), "utf8"), /"@desk\/wide-quoter"\?: /)
  assert.match(readFileSync(join(folder, ".veloz/types.d.ts"), "utf8"), "How far from the middle of the market")
  config("spread_bp: 20")
  const { status, stdout, stderr } = runPacked(folder, "check")
  assert.is(status, 1)
  assert.match(stdout + stderr, 'Did you mean "spread_bps"?')
})

test.after(() => rmSync(folder, { recursive: true }))

test.run()
