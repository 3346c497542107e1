import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { testPage } from "../support/page-tests.js"

// What the pages tell a newcomer to do is done here; support/page.ts says how they tell it. The README and the tutorial have files of
// their own.

for (const page of ["docs/http.md", "docs/history.md", "docs/tuning.md"]) testPage(page)

test("every file that a page points at is there", () => {
  const missing = markdownFiles().flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target)
      .filter((target) => !target.includes("://") && !existsSync(join(dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  assert.equal(missing, [])
})

test.run()

function markdownFiles(): string[] {
  const below = ["docs", "plugins"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
  )
  return ["README.md", ...below.filter((file) => file.endsWith(".md"))]
}
