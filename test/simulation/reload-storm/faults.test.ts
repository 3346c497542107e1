import { test } from "uvu"
import * as assert from "uvu/assert"
import { assertExact } from "../../support/storm/exact.js"
import { Sequence } from "../../support/storm/ledger.js"
import { MARKET, Saves } from "../../support/storm/saves.js"
import { sleep } from "../../support/storm/storm.js"
import { inEachTopology, type Topology } from "../../support/topologies.js"

// Each phase of a change is broken once while the market runs: load -> validate -> prepare on control and on each hot
// thread -> prime -> commit -> dispose. Up to the cut the old generation goes on as if nothing had been; what breaks after it
// is named, and the new one serves. In the end every number has passed every station once.

interface Fault {
  readonly what: string
  /** Of a plugin beside the storm: what it defines. */
  readonly definition?: string
  /** In front of its definition. */
  readonly code?: string
  readonly options?: object
  /** In place of a whole configuration. */
  readonly config?: string
  /** What the log says of it. */
  readonly says: RegExp
}

const ROLES = ["network", "engine", "strategy"] as const
const DEADLINES = { prepareMs: 3000, disposeMs: 200 }

/** A part that acts when it is made a second time on a thread, which priming does. */
function madeAgain(role: string, act: string, head = ""): Pick<Fault, "code" | "definition"> {
  return { code: `${head}\nlet made = 0`, definition: `primable: true, ${role}() { if (++made === 2) { ${act} } }` }
}

/** The generation does not come. */
const REFUSED: readonly Fault[] = [
  { what: "load: the file is cut off", config: '{ "plugins": { ', says: /veloz\.config\.json/ },
  { what: "load: the file is empty", config: "", says: /veloz\.config\.json/ },
  { what: "load: an import is missing", code: 'import "./nowhere.js"', says: /nowhere/ },
  { what: "load: the code throws", code: "throw new Error('thrown at load')", says: /thrown at load/ },
  { what: "load: the code ends its process", code: "process.exit(1)", says: /process\.exit/ },
  {
    what: "load: the code ends its process later",
    code: "queueMicrotask(() => process.exit(1))",
    says: /ended its process/,
  },
  {
    what: "load: a rejection that nobody handles",
    code: "Promise.reject(new Error('lost'))",
    says: /nobody catches it: lost/,
  },
  { what: "validate: an unknown option", options: { sped: 1 }, says: /sped/ },
  { what: "validate: a value of the wrong type", options: { speed: "fast" }, says: /speed/ },
  { what: "validate: the plugin's own check", definition: "check() { throw new Error('checked') }", says: /checked/ },
  { what: "prepare: control throws", definition: "control() { throw new Error('on control') }", says: /on control/ },
  {
    what: "prepare: control rejects",
    definition: "async control() { await 1; throw new Error('later') }",
    says: /later/,
  },
  { what: "prepare: control returns nonsense", definition: "control: () => 7", says: /a part returns|control/ },
  ...ROLES.flatMap((role): Fault[] => [
    {
      what: `prepare: ${role} throws`,
      definition: `${role}() { throw new Error("in ${role}") }`,
      says: new RegExp(`in ${role}`),
    },
    {
      what: `prepare: ${role} ends its thread`,
      definition: `${role}() { process.exit(1) }`,
      says: /ended its process/,
    },
  ]),
  { what: "prepare: control hangs", definition: "control: () => new Promise(() => {})", says: /VELOZ_PLUGIN_SLOW/ },
  ...ROLES.map((role) => ({
    what: `prime: ${role} ends its process when it is made again`,
    ...madeAgain(role, "process.exit(1)"),
    says: /ended its process while it was primed/,
  })),
  {
    what: "prime: a hook ends its process on what is invented",
    definition: 'primable: true, engine({ market }) { market.decoded.tap("end", () => process.exit(1)) }',
    says: /ended its process while it was primed/,
  },
  {
    what: "prepare: the pipeline cannot be composed",
    definition:
      'engine({ market }) { for (let i = 0; i < 2; i++) market.stage("conflate", (next) => ({ offer: next })) }',
    says: /conflate/,
  },
]

/** On a hot thread alone: the trial before it is another one. */
const ON_HOT = `
  import { readFileSync } from "node:fs"
  const thread = readFileSync("/proc/thread-self/comm", "utf8").trim()
  const isHot = ["veloz-hot", "network-io", "engine-main", "strategy-worker"].includes(thread)`

/** The generation comes, and is slower at first than it had to be: the line of its commit says so. */
const NOT_PRIMED: readonly Fault[] = [
  ...ROLES.flatMap((role): Fault[] => [
    {
      what: `prime: ${role} throws when it is made again`,
      ...madeAgain(role, `throw new Error("${role} again")`),
      says: new RegExp(`could not be primed: .*"\\./fault\\.js" failed in ${role}: ${role} again`),
    },
    {
      what: `prime: ${role} ends its thread when it is made again`,
      ...madeAgain(role, "if (isHot) process.exit(1)", ON_HOT),
      says: new RegExp(`could not be primed: .*"\\./fault\\.js" failed in ${role}: .*process\\.exit`),
    },
    {
      what: `prime: ${role} does not go`,
      code: "let gone = 0",
      definition: `primable: true, ${role}: () => ({ dispose() { if (++gone === 1) throw new Error("${role} stays") } })`,
      says: new RegExp(
        `could not be primed: .*"\\./fault\\.js" threw on what is invented, in ${role}.*: ${role} stays`,
      ),
    },
  ]),
  {
    what: "prime: a hook of the engine throws on what is invented",
    code: 'import { RecordType, TRADE_QTY_LOTS } from "veloz/hot"',
    definition: `primable: true, engine({ market }) {
      market.decoded.tap("throw", (type, offset, { f64 }) => {
        if (type === RecordType.Trade && f64[(offset + TRADE_QTY_LOTS) >> 3] > 1) throw new Error("of too much")
      })
    }`,
    says: /could not be primed: .*threw on what is invented, in engine.*: of too much/,
  },
  {
    what: "prime: a strategy throws on what is invented",
    definition: `primable: true, strategy({ market }) {
      market.onTrade(({ qtyLots }) => { if (qtyLots > 1) throw new Error("too much") })
    }`,
    says: /could not be primed: .*threw on what is invented, in strategy.*: too much/,
  },
]

/** The generation comes, and what broke is named. */
const COMMITTED: readonly Fault[] = [
  {
    what: "dispose: control hangs",
    definition: "control: () => ({ dispose: () => new Promise(() => {}) })",
    says: /VELOZ_PLUGIN_LINGERS.*fault\.js/,
  },
  ...[...ROLES, "control"].map((role) => ({
    what: `dispose: ${role} throws`,
    definition: `${role}() { return { dispose() { throw new Error("${role} does not go") } } }`,
    says: new RegExp(`${role} does not go`),
  })),
  ...ROLES.map((role) => ({
    what: `commit: ${role} throws when it is retuned`,
    definition: `${role}() { return { retune() { throw new Error("${role} is not to be tuned") } } }`,
    options: { speed: 2 },
    says: new RegExp(`${role} is not to be tuned`),
  })),
]

const SCHEMA = '{ type: "object", properties: { speed: { type: "integer", default: 1, "x-veloz-reload": "live" } } }'

class Faults {
  readonly saves: Saves
  #mark = 1
  #code = 0

  constructor(topology: Topology) {
    this.saves = new Saves(topology, { deadlines: DEADLINES })
  }

  /** Saves the plugin beside the storm; each time it is other code. */
  write({ code = "", definition = "", config, options = {} }: Partial<Fault>): void {
    this.#mark += 1
    this.#code += 1
    const head = `import { definePlugin } from "veloz"\nexport const number = ${this.#code}`
    const about = `name: "fault", version: "1.0.0", veloz: "^1.0.0", schema: ${SCHEMA},`
    this.saves.file("fault.js", `${head}\n${code}\nexport default definePlugin({ ${about} ${definition} })`)
    if (config !== undefined) this.saves.text(config)
    else this.saves.config({ ...MARKET, mark: this.#mark }, { "./fault.js": options })
  }

  /** A change that is taken. A cut that comes too late on a busy machine is for the user to try again. */
  async take(fault: Partial<Fault>): Promise<void> {
    this.write(fault)
    while (!(await this.saves.reload())) assert.match(this.saves.refusal, /too busy/)
  }

  /** The same code with other options. */
  async retune(options: object): Promise<void> {
    this.#mark += 1
    this.saves.config({ ...MARKET, mark: this.#mark }, { "./fault.js": options })
    while (!(await this.saves.reload())) assert.match(this.saves.refusal, /too busy/)
  }

  /** The old generation goes on: the market passes all stations, and so do orders. */
  async assertServing(): Promise<void> {
    const passed = async () => {
      const { last, first } = await this.saves.ledger()
      assert.is(first, undefined)
      return [last[Sequence.Trade][2], last[Sequence.Order][4]]
    }
    const before = await passed()
    for (let look = 0; look < 500; look += 1) {
      const now = await passed()
      if (now.every((number, kind) => number > before[kind])) return
      await sleep(10)
    }
    throw new Error("the market stands still")
  }

  async settle(): Promise<void> {
    await this.saves.settle(this.#mark + 1)
    assertExact(await this.saves.ledger())
  }
}

async function inFaults(topology: Topology, run: (faults: Faults) => Promise<void>): Promise<void> {
  const faults = new Faults(topology)
  try {
    await faults.saves.start()
    await faults.take({})
    await run(faults)
    await faults.settle()
  } finally {
    await faults.saves.end()
  }
}

inEachTopology(`${REFUSED.length} ways to break a change before its cut leave the old generation serving`, (topology) =>
  inFaults(topology, async (faults) => {
    const { saves } = faults
    for (const fault of REFUSED) {
      const generation = saves.generation
      faults.write(fault)
      assert.not(await saves.reload(), `${fault.what}: it was taken`)
      assert.match(saves.refusal, fault.says, fault.what)
      assert.is(saves.generation, generation)
      await faults.assertServing()
    }
  }),
)

inEachTopology(
  `${NOT_PRIMED.length} ways to break priming are told with the commit, and the new generation serves`,
  (topology) =>
    inFaults(topology, async (faults) => {
      for (const fault of NOT_PRIMED) {
        await faults.take(fault)
        assert.match(faults.saves.logged("committed in").at(-1)!, fault.says, fault.what)
        await faults.assertServing()
        await faults.take({})
      }
      assert.equal(faults.saves.logged("plugin ./fault.js failed"), [])
    }),
)

inEachTopology(
  `${COMMITTED.length} ways to break a change from its cut on are named, and the new generation serves`,
  (topology) =>
    inFaults(topology, async (faults) => {
      const { saves } = faults
      for (const fault of COMMITTED) {
        await faults.take({ ...fault, options: {} })
        if (fault.options === undefined) await faults.take({})
        else await faults.retune(fault.options)
        for (let look = 0; look < 200 && !saves.logged("").some((line) => fault.says.test(line)); look += 1)
          await sleep(10)
        assert.ok(
          saves.logged("").some((line) => fault.says.test(line)),
          `${fault.what}: it is not named`,
        )
        await faults.assertServing()
      }
    }),
)

test("split: a role that is too busy for the cut leaves the old generation serving", () =>
  inFaults("split", async (faults) => {
    const { saves } = faults
    const definition = `
      strategy({ channel, clock, timers }) {
        let isBusy = false
        channel.onMessage(() => { isBusy = !isBusy })
        timers.every(1, () => { const endNs = clock.nowNs() + ${BUSY_MS} * 1e6; while (isBusy && clock.nowNs() < endNs); })
      },
      control({ channel, http }) {
        const handler = () => { channel.post("switch"); return {} }
        http.route({ method: "GET", url: "/api/busy", handler })
      }`
    await faults.take({ definition })
    const generation = saves.generation
    await saves.get("/api/busy")
    faults.write({ definition })
    assert.not(await saves.reload())
    assert.match(saves.refusal, /VELOZ_CUT_LATE/)
    assert.is(saves.generation, generation)
    await saves.get("/api/busy")
    await faults.assertServing()
  }))

/** Longer than all tries of a cut: between two turns of the role its marker may come round. */
const BUSY_MS = 3000

test.run()
