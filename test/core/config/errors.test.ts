import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { ConfigError } from "../../../core/config/diagnostic.js"
import { show, syntaxError, unknownOptionError } from "../../../core/config/errors.js"

const root = new URL("../../../../", import.meta.url)

test("every code has its line in the documentation, and the other way round", () => {
  const codes = (file: string) => new Set(readFileSync(new URL(file, root), "utf8").match(/VELOZ_CONFIG_[A-Z_]+/g))
  const made = codes("core/config/errors.ts")
  assert.ok(made.size > 15)
  assert.equal([...codes("docs/configuration.md")].sort(), [...made].sort())
})

test("an error prints each problem with place, frame and mend", () => {
  const syntax = syntaxError({ file: "a.json", line: 2, column: 3, frame: "> 2 | x" }, "no JSON: value expected")
  const unknown = unknownOptionError(["plugins", "alerts", "rule"], 1, { known: ["rules"], near: "rules" })
  assert.is(
    new ConfigError([syntax, unknown], []).message,
    `2 problems in the configuration

VELOZ_CONFIG_SYNTAX: no JSON: value expected
  at a.json:2:3
  > 2 | x

VELOZ_CONFIG_UNKNOWN_OPTION: there is no option plugins.alerts.rule
  Did you mean "rules"?`,
  )
})

test("a value is shown so that text and number differ, and short", () => {
  assert.is(show("8080"), '"8080"')
  assert.is(show(8080), "8080")
  assert.is(show(undefined), "nothing")
  assert.is(show("x".repeat(200)).length, 80)
})

test.run()
