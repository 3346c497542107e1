// Fills in the tables of docs/tuning.md: what the plugins offer to tune, in their own words, with what scripts/tuning-rows.mjs
// knows of each. With --check it writes nothing and exits 1 on drift. It takes a build.
import { readdir, readFile } from "node:fs/promises"
import { code, fillRegions, row } from "./page-regions.mjs"
import { ROWS } from "./tuning-rows.mjs"

const root = new URL("../", import.meta.url)

/** No table depends on the machine that it is made on: this one has a network card, and nothing else. */
const MACHINE = { find: (pattern) => (pattern === "/sys/class/net/*/device" ? ["/sys/class/net/eth0/device"] : []) }

const UNDONE = {
  journal: "by the journal",
  "at close": "on open sockets; ends with the socket",
  "with the thread": "on the running thread; ends with it",
  "with the process": "with its option; ends with the process",
  none: "never set",
}

const tunables = await readTunables()
requireRows()
await fillRegions(new URL("docs/tuning.md", root), "plugins/", {
  sockets: () => table(({ scope }) => scope === "socket"),
  threads: () => table(({ scope, undo }) => scope === "thread" || undo === "with the process"),
  network: () => table(({ scope }) => scope === "network namespace"),
  host: () => table(({ scope, undo }) => scope === "host" && undo === "journal"),
  boot: () => table(({ scope }) => scope === "boot"),
})

async function readTunables() {
  const names = await readdir(new URL("dist/plugins/", root))
  const offers = await Promise.all(names.map(readOffer))
  return offers.flatMap(({ wishes }) => wishes.map(({ tunable }) => tunable))
}

async function readOffer(name) {
  const { tuning } = (await import(new URL(`dist/plugins/${name}/index.js`, root))).default.definition
  if (tuning === undefined) return { wishes: [] }
  const { properties } = JSON.parse(await readFile(new URL(`schemas/${name}.schema.json`, root), "utf8"))
  const defaults = Object.entries(properties).map(([option, schema]) => [option, schema.default])
  return tuning(Object.fromEntries(defaults), MACHINE)
}

/** A tunable without what is known of it here, or the other way round. */
function requireRows() {
  const ids = tunables.map(({ id }) => id)
  const missing = ids.filter((id) => ROWS[id] === undefined)
  const gone = Object.keys(ROWS).filter((id) => !ids.includes(id))
  if (missing.length + gone.length === 0) return
  throw new Error(`scripts/tuning-rows.mjs has no row for: ${missing.join(", ")}; and one too many: ${gone.join(", ")}`)
}

function table(isMember) {
  const head = [
    "| tunable | what it truly does | low latency | high throughput | verified by | undone | effect measured here |",
    "|---|---|---|---|---|---|---|",
  ]
  return [...head, ...tunables.filter(isMember).map(tunableRow)].join("\n")
}

function tunableRow({ id, needs, kernel, unit, meaning, note, presets = {}, undo }) {
  const { verified, undone, effect } = ROWS[id]
  const facts = [needs && `needs ${needs}`, kernel && `Linux ${kernel}`, unit && `in ${unit}`].filter(Boolean)
  return row([
    [code(id), ...facts].join("<br>"),
    note === undefined ? meaning : `${meaning} **${capital(note.kind)}**: ${note.text}.`,
    preset(presets["low-latency"]),
    preset(presets["high-throughput"]),
    verified,
    undone ?? UNDONE[undo],
    effect,
  ])
}

function preset(wanted) {
  return wanted === undefined ? "as it is" : `${code(wanted.value)}: ${wanted.reason}`
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1)
}
