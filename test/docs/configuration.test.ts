import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { variablesOf } from "../../core/config/environment.js"
import { shippedSchemas } from "../../core/config/schemas.js"

/** Variables that set no option. */
const OTHERS = ["VELOZ_API_TOKEN", "VELOZ_API_KEY", "VELOZ_API_SECRET", "VELOZ_DEBUG", "VELOZ_STATE_DIR"]

test("docs/configuration.md lists the environment variables that there are", async () => {
  const page = readFileSync("docs/configuration.md", "utf8")
  const [, section] = page.split("\n## Environment variables\n")
  const listed = section.split("\n## ")[0].match(/VELOZ_[A-Z_]+/g) ?? []
  const known = [...variablesOf(await shippedSchemas()).keys(), ...OTHERS]
  assert.equal([...new Set(listed)].sort(), [...known].sort())
})

test("docs/configuration.md lists the options of the engine as a whole", async () => {
  const { root } = await shippedSchemas()
  const page = readFileSync("docs/configuration.md", "utf8")
  for (const [option, { properties }] of Object.entries(root.properties ?? {})) {
    if (["$schema", "plugins", "use"].includes(option)) continue
    for (const name of Object.keys(properties ?? { "": {} })) {
      const path = name === "" ? option : `${option}.${name}`
      assert.match(page, `\n| \`${path}\` | `)
    }
  }
})

test.run()
