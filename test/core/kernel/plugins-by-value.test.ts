import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type RunningEngine, startEngine } from "../../../core/kernel/engine.js"
import { inEachTopology, type Topology } from "../../support/topologies.js"

// `use: [plugin({ ... })]` in a real configuration: hot threads load the file that defines the plugin.

const LIMITS = (reason: string): string => `import { definePlugin } from "veloz"

export const maxQty = definePlugin({
  name: "max-qty",
  version: "1.0.0",
  veloz: "^1.0.0",
  schema: { type: "object", properties: { lots: { type: "integer", default: 100, "x-veloz-reload": "live" } } },
  engine({ options, order }) {
    const tooLarge = order.reason("${reason}")
    order.validate.tap("max-qty", (candidate) => (candidate.qtyLots > options.lots ? tooLarge : 0))
  },
})
`

const CONFIG = (use: string, more = ""): string => `import { definePlugin } from "veloz"
import { maxQty } from "./limits/max-qty.js"
${more}
export default { ${use}, plugins: { quoter: false, "metrics-api": { port: 0 } } }
`

class Project {
  readonly cwd = realpathSync(mkdtempSync(join(tmpdir(), "veloz-by-value-")))
  readonly lines: string[] = []
  engine: RunningEngine | undefined

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.cwd, name)), { recursive: true })
    writeFileSync(join(this.cwd, name), text)
  }

  async start(topology: Topology): Promise<void> {
    const write = (message: string): void => void this.lines.push(message)
    const env = { PATH: process.env.PATH, VELOZ_TOPOLOGY: topology }
    const log = { debug: write, info: write, warn: write, error: write }
    this.engine = await startEngine({ cwd: this.cwd, env, log, version: "1.0.0", watch: false })
    // By the engine's own word: the thread that logs that orders may be sent is another one.
    for (let waited = 0; waited < 500 && !(await this.engine.facade.ping()).ok; waited += 1) await sleep(10)
  }

  /** Why an order of `qty` is denied; undefined when it went out. */
  async denial(qty: string): Promise<string | undefined> {
    const wish = { symbol: "BTCUSDT", side: "BUY", qty, price: "10000.00", enteredNs: 0 } as const
    const error = await this.engine!.facade.orders.place(wish).catch((reason: { httpCode: string }) => reason)
    return "httpCode" in error ? error.httpCode : undefined
  }

  async reload(): Promise<string> {
    await this.engine!.reload()
    return this.lines.findLast((line) => /generation \d+ (committed|goes on)/.test(line)) ?? ""
  }

  async end(): Promise<void> {
    await this.engine?.stop()
    rmSync(this.cwd, { recursive: true })
  }
}

inEachTopology("a plugin by value runs on hot threads, and its options and its code reload", async (topology) => {
  const project = new Project()
  project.write("limits/max-qty.ts", LIMITS("first"))
  project.write("veloz.config.ts", CONFIG("use: [maxQty({ lots: 500 })]"))
  try {
    await project.start(topology)
    assert.is(await project.denial("0.00501"), "risk_first")
    assert.is.not(await project.denial("0.00500"), "risk_first")
    project.write("veloz.config.ts", CONFIG("use: [maxQty({ lots: 400 })]"))
    assert.match(await project.reload(), "max-qty.lots 500 -> 400 (live)")
    assert.is(await project.denial("0.00500"), "risk_first")
    project.write("limits/max-qty.ts", LIMITS("second"))
    assert.match(await project.reload(), "code of max-qty")
    assert.is(await project.denial("0.00500"), "risk_second")
    assert.match(await project.reload(), "nothing changes")
  } finally {
    await project.end()
  }
})

inEachTopology("what cannot be loaded by value is refused, with the mend", async (topology) => {
  const project = new Project()
  project.write("limits/max-qty.ts", LIMITS("first"))
  project.write("veloz.config.ts", CONFIG("use: [maxQty]"))
  const inline = `const here = definePlugin({ name: "here", version: "1.0.0", veloz: "^1.0.0", engine() {} })`
  try {
    await project.start(topology)
    for (const [config, expected] of [
      [CONFIG("use: [maxQty, here()]", inline), /"here" .*defined in the configuration .*veloz\.config\.ts.*: move it/],
      [
        CONFIG("use: [maxQty]").replace("plugins: {", 'plugins: { "./limits/again.ts": {},'),
        /VELOZ_PLUGIN_TWICE: two plugins are called "max-qty": .*again\.ts\) and .*max-qty\.ts\); take one out/,
      ],
      [CONFIG("use: [hidden()]", `import { hidden } from "./limits/hidden.js"`), /hidden\.ts.* does not export it/],
    ] as const) {
      project.write("limits/again.ts", `export { maxQty as default } from "./max-qty.js"`)
      project.write(
        "limits/hidden.ts",
        `import { definePlugin } from "veloz"
const plugin = definePlugin({ name: "hidden", version: "1.0.0", veloz: "^1.0.0", engine() {} })
export const hidden = () => plugin()`,
      )
      project.write("veloz.config.ts", config)
      assert.match(await project.reload(), /the change is refused, generation 1 goes on/)
      assert.match(project.lines.at(-1)!, expected)
    }
    assert.is(await project.denial("0.00200"), "risk_first")
  } finally {
    await project.end()
  }
})

test.run()
