import { test } from "uvu"
import * as assert from "uvu/assert"
import { BundleError, bundle } from "../../../core/config/bundle.js"
import { EvaluationError, evaluate } from "../../../core/config/evaluate.js"
import { project } from "./project.js"

test("the hash follows what the code does, not its comments", async () => {
  const home = project({ "plugin.ts": "export const a: number = 1" })
  const first = await bundle(home.path("plugin.ts"))
  home.write("plugin.ts", "// a word\nexport const a = 1")
  assert.is((await bundle(home.path("plugin.ts"))).hash, first.hash)
  home.write("plugin.ts", "export const a = 2")
  assert.is.not((await bundle(home.path("plugin.ts"))).hash, first.hash)
})

test("a failed bundle names the files that it touched", async () => {
  const home = project({ "plugin.ts": 'import "./a.js"\nimport "./b.js"', "a.ts": "let a = 1\nlet a = 2" })
  const error = await bundle(home.path("plugin.ts")).catch((error) => error)
  assert.instance(error, BundleError)
  for (const name of ["plugin.ts", "a.ts", "b.ts"]) assert.ok(error.files.includes(home.path(name)), name)
  assert.match(error.message, "a.ts:2:5")
})

test("stacks are mapped to the sources, also after the evaluation", async () => {
  const home = project({
    "plugin.ts": "type A = 1\n\nexport function fail(): void {\n  throw new RangeError('late')\n}",
  })
  const evaluated = evaluate(await bundle(home.path("plugin.ts")), {})
  try {
    ;(evaluated.exports.fail as () => void)()
    assert.unreachable()
  } catch (error) {
    const stack = (error as Error).stack ?? ""
    assert.match(evaluated.mapStack(stack), `${home.path("plugin.ts")}:4:9`)
    assert.is(evaluated.placeOf(stack)?.line, 4)
  }
})

test("what is thrown is kept as the cause", async () => {
  const home = project({ "plugin.ts": "\nthrow 'a string'" })
  const made = await bundle(home.path("plugin.ts"))
  const error = (() => {
    try {
      return evaluate(made, {})
    } catch (thrown) {
      return thrown
    }
  })()
  assert.instance(error, EvaluationError)
  assert.is((error as EvaluationError).cause, "a string")
})

test("evaluated code can be collected once it is let go", async () => {
  if (globalThis.gc === undefined) {
    const { setFlagsFromString } = await import("node:v8")
    const { runInNewContext } = await import("node:vm")
    setFlagsFromString("--expose-gc")
    globalThis.gc = runInNewContext("gc")
  }
  const home = project({ "plugin.ts": "export const held = { big: new Array(1000).fill(0) }" })
  const made = await bundle(home.path("plugin.ts"))
  const refs = Array.from({ length: 50 }, () => new WeakRef(evaluate(made, {}).exports.held as object))
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc?.()
  assert.ok(refs.filter((ref) => ref.deref() !== undefined).length < 5)
})

test.run()
