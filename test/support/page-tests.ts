import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { namespaceObstacle } from "./namespace.js"
import { type Step, stepsOf } from "./page.js"
import { PageReader } from "./page-reader.js"
import { testUnless } from "./skip.js"

/** Declares a test for each thing that a page tells its reader to do, in its order. */
export function testPage(page: string): void {
  const steps = stepsOf(readFileSync(page, "utf8"))
  let reader: PageReader

  test(`${page}: an engine trades, for its commands to talk to`, async () => {
    assert.ok(steps.length >= 6, `it has ${steps.length} steps`)
    reader = new PageReader()
    await reader.start()
  })

  for (const step of steps) {
    const declare = step.text.includes(IN_NAMESPACE) ? testUnless(namespaceObstacle(IN_NAMESPACE.split(" "))) : test
    declare(`${page}: ${step.kind}: ${step.text.trim().split("\n")[0]}`, () => follow(reader, step))
  }

  test(`${page}: the engine stops`, async () => {
    assert.is(await reader.close(), 0)
  })
}

const IN_NAMESPACE = "unshare -rn"

async function follow(reader: PageReader, { kind, text }: Step): Promise<void> {
  if (kind === "start") return reader.start(text)
  if (kind === "watch") return reader.watch(text)
  if (kind === "save") return reader.save(text)
  if (kind === "fails") return assert.is(reader.fails(text), 1)
  if (kind === "seen") return assert.is(await reader.missing(text), undefined)
  const output = reader.run(text)
  assert.is.not(output.trim(), "")
  if (text.includes("/api/stream")) assert.match(output, /^event: /m)
  else if (/^curl [^|]*$/.test(text)) assert.type(JSON.parse(output), "object")
}
