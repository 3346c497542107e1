import { mkdirSync, rmSync, symlinkSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import * as hot from "../../../core/hot/index.js"
import * as veloz from "../../../core/index.js"
import { PluginLoader } from "../../../core/kernel/plugin-loader.js"
import { PluginSources } from "../../../core/kernel/plugin-sources.js"
import { project } from "../config/project.js"

const sources = (): PluginSources => new PluginSources(new PluginLoader({ veloz, "veloz/hot": hot }))

const plugin = (name: string, imports = ""): string => `${imports}
import { definePlugin } from "veloz"
export default definePlugin({ name: "${name}", version: "1.0.0", veloz: "^1.0.0" })
`

async function isFound(found: Promise<unknown>): Promise<boolean> {
  return found.then(
    () => true,
    () => false,
  )
}

test("all that a plugin imports is watched, and found when it comes", async () => {
  const home = project({ "plugin.ts": plugin("mine", 'import "./helper.js"') })
  const seeking = sources()
  assert.not(await isFound(seeking.find("./plugin.ts", home.folder)))
  assert.ok(seeking.files.includes(home.path("helper.ts")), seeking.files.join())
  home.write("helper.ts", "import data from './data.json'\nexport default data")
  home.write("data.json", "{}")
  assert.ok(await isFound(seeking.find("./plugin.ts", home.folder)))
  for (const name of ["plugin.ts", "helper.ts", "data.json"]) assert.ok(seeking.files.includes(home.path(name)), name)
})

test("a plugin whose text is broken is watched", async () => {
  const home = project({ "plugin.ts": "export default {" })
  const seeking = sources()
  assert.not(await isFound(seeking.find("./plugin.ts", home.folder)))
  assert.ok(seeking.files.includes(home.path("plugin.ts")))
})

test("a package that is not installed yet is waited for", async () => {
  const home = project()
  const seeking = sources()
  assert.not(await isFound(seeking.find("veloz-plugin-new", home.folder)))
  assert.equal(seeking.files, [home.path("node_modules/veloz-plugin-new/package.json")])
})

test("packages of a workspace are bundled and watched where they really are", async () => {
  const home = project({
    "package.json": { name: "root", workspaces: ["packages/*"] },
    "packages/mine/package.json": { name: "veloz-plugin-mine", main: "index.ts" },
    "packages/mine/index.ts": plugin("mine", 'import "shared"'),
    "packages/shared/package.json": { name: "shared", main: "index.ts" },
    "packages/shared/index.ts": "export const shared = 1",
  })
  mkdirSync(home.path("node_modules"))
  symlinkSync("../packages/mine", home.path("node_modules/veloz-plugin-mine"))
  symlinkSync("../packages/shared", home.path("node_modules/shared"))
  const seeking = sources()
  const { source } = await seeking.find("veloz-plugin-mine", home.folder)
  assert.is(source.kind, "bundle")
  for (const name of ["packages/mine/index.ts", "packages/shared/index.ts"]) {
    assert.ok(seeking.files.includes(home.path(name)), name)
  }
})

test("an upgrade that gives a plugin's package another entry is seen", async () => {
  const home = project({
    "node_modules/veloz-plugin-mine/package.json": {
      name: "veloz-plugin-mine",
      keywords: ["veloz-plugin"],
      main: "a.js",
    },
    "node_modules/veloz-plugin-mine/a.js": "module.exports = {}",
  })
  home.write("node_modules/veloz-plugin-mine/a.js", plugin("mine"))
  const seeking = sources()
  await seeking.find("veloz-plugin-mine", home.folder)
  assert.ok(seeking.files.includes(home.path("node_modules/veloz-plugin-mine/package.json")), seeking.files.join())
})

test("how TypeScript is told to find modules is part of what is watched", async () => {
  const paths = { compilerOptions: { paths: { "@lib/*": ["./lib/*"] } } }
  const home = project({
    "tsconfig.json": paths,
    "plugins/plugin.ts": plugin("mine", 'import "@lib/helper"'),
    "lib/helper.ts": "export {}",
  })
  const seeking = sources()
  await seeking.find("./plugins/plugin.ts", home.folder)
  for (const name of ["tsconfig.json", "lib/helper.ts"]) assert.ok(seeking.files.includes(home.path(name)), name)
})

test("a package that is not built is told as such, with the file that is missing, which is watched", async () => {
  for (const [name, manifest] of [
    ["with-main", { main: "./dist/index.js" }],
    ["with-exports", { exports: { ".": { default: "./dist/index.js" } } }],
  ] as const) {
    const home = project({ [`node_modules/${name}/package.json`]: { name, ...manifest, keywords: ["veloz-plugin"] } })
    const sources = new PluginSources(new PluginLoader({ veloz }))
    const entry = home.path(`node_modules/${name}/dist/index.js`)
    const error = await sources.find(name, home.folder).catch((reason) => reason)
    assert.equal([error.code, error.message.includes(entry)], ["VELOZ_PLUGIN_UNBUILT", true], error.message)
    assert.ok(sources.files.includes(entry))
  }
})

test("a package that was found and is uninstalled since is not there, and no build would mend that", async () => {
  const manifest = { name: "limits", main: "index.js", keywords: ["veloz-plugin"] }
  const home = project({
    "node_modules/limits/package.json": manifest,
    "node_modules/limits/index.js": plugin("limits"),
  })
  const sources = new PluginSources(new PluginLoader({ veloz }))
  await sources.find("limits", home.folder)
  rmSync(home.path("node_modules/limits"), { recursive: true })
  sources.forget()
  const error = await sources.find("limits", home.folder).catch((reason) => reason)
  assert.is(error.code, "VELOZ_PLUGIN_NOT_FOUND", error.message)
})

test.run()
