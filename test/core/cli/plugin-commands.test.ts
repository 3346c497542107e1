import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { processEnvironment } from "../../../core/cli/environment.js"
import { findPluginCommands } from "../../../core/cli/plugin-commands.js"

test("commands are found in the plugins of a folder, with the plugin's name", async () => {
  const { found, err } = await search({
    alpha: `export default { definition: { name: "alpha", commands: [{ name: "tape", summary: "", run() {} }] } }`,
    beta: `export default { definition: { name: "beta" } }`,
  })
  assert.equal(found, ["alpha tape"])
  assert.is(err, "")
})

test("a plugin that cannot be loaded is named, and the commands of the others are still there", async () => {
  const { found, err } = await search({
    broken: `throw new Error("no such wind")`,
    whole: `export default { definition: { name: "whole", commands: [{ name: "sail", summary: "", run() {} }] } }`,
  })
  assert.equal(found, ["whole sail"])
  assert.match(err, /broken/)
  assert.match(err, "no such wind")
})

test("without a folder of plugins there are no commands", async () => {
  const nowhere = new URL("file:///nowhere/plugins/")
  assert.equal(await findPluginCommands(processEnvironment(new AbortController().signal), nowhere), [])
})

test.run()

async function search(plugins: Record<string, string>): Promise<{ found: string[]; err: string }> {
  const folder = mkdtempSync(join(tmpdir(), "veloz-plugins-"))
  try {
    writeFileSync(join(folder, "package.json"), `{ "type": "module" }`)
    for (const [name, code] of Object.entries(plugins)) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, "index.js"), code)
    }
    let err = ""
    const stderr = { write: (text: string) => (err += text) } as unknown as NodeJS.WritableStream
    const environment = { ...processEnvironment(new AbortController().signal), stderr }
    const found = await findPluginCommands(environment, pathToFileURL(`${folder}/`))
    return { found: found.map(({ plugin, command }) => `${plugin} ${command.name}`), err }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
