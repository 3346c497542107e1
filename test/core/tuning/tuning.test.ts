import { readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { VelozError } from "../../../core/kernel/errors.js"
import { checkChoice, kernelFiles, sysctl } from "../../../core/tuning/kernel-files.js"
import type { Offers } from "../../../core/tuning/plan.js"
import type { Tunable, TuningOffer, Wish } from "../../../core/tuning/tunable.js"
import { FakeMachine, systemError } from "../../support/fake-machine.js"
import { TuningRig, withFolder } from "../../support/tuning-rig.js"

const FIN = "/proc/sys/net/ipv4/tcp_fin_timeout"
const SWAP = "/proc/sys/vm/swappiness"
const THP = "/sys/kernel/mm/transparent_hugepage/enabled"
const RMEM = "/proc/sys/net/ipv4/tcp_rmem"
const RATIO = "/proc/sys/vm/dirty_ratio"
const BYTES = "/proc/sys/vm/dirty_bytes"

const host = { scope: "host", needs: "root", meaning: "M." } as const
const TUNABLES: readonly Tunable[] = [
  sysctl("net.ipv4.tcp_fin_timeout", { ...host, scope: "network namespace", range: [1, 1000] }),
  sysctl("vm.swappiness", { ...host, range: [0, 200] }),
  sysctl("net.ipv4.tcp_rmem", { ...host, fields: 3, range: [1, 2 ** 31 - 1] }),
  sysctl("vm.dirty_bytes", { ...host, companions: ["vm.dirty_ratio"] }),
  { id: "thp", undo: "journal", ...host, state: kernelFiles(THP, "choice", { check: checkChoice(THP) }) },
]

const wanting = (wishes: Readonly<Record<string, Wish>>, more: Partial<TuningOffer> = {}): Offers =>
  new Map([["p", { wishes: TUNABLES.map((tunable) => ({ tunable, wish: wishes[tunable.id] })), apply: true, ...more }]])

/** A kernel of whose values some move others, as the real one's do. */
function machine(): FakeMachine {
  const fake = new FakeMachine({
    [FIN]: "60",
    [SWAP]: "60",
    [RMEM]: "4096\t131072\t6291456",
    [RATIO]: "20",
    [BYTES]: "0",
    [THP]: "always [madvise] never",
  })
  fake.hooks.set(THP, (text) => "always madvise never".replace(text, `[${text}]`))
  fake.hooks.set(BYTES, (text, files) => {
    if (text === "0") throw systemError("EINVAL", BYTES)
    files.set(RATIO, "0")
    return text
  })
  fake.hooks.set(RATIO, (text, files) => {
    if (text === "0") throw systemError("EINVAL", RATIO)
    files.set(BYTES, "0")
    return text
  })
  return fake
}

const snapshot = ({ files }: FakeMachine): Record<string, string> =>
  Object.fromEntries([...files].map(([file, text]) => [file, text.replaceAll("\t", " ")]))
const code = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as VelozError).code
  }
  return ""
}

const rigTest = (
  name: string,
  body: (rig: TuningRig, fake: FakeMachine, folder: string) => void | Promise<void>,
): void => {
  test(name, () =>
    withFolder((folder) => {
      const fake = machine()
      return body(new TuningRig(fake, folder), fake, folder)
    }),
  )
}

rigTest("what is wished for is set, read back, and put back when the engine stops", async (rig, fake, folder) => {
  const before = snapshot(fake)
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "net.ipv4.tcp_rmem": ">=4096 131072 16777216", thp: "never" }))
  assert.equal(
    [fake.read(FIN), fake.read(RMEM), fake.read(THP)],
    ["15", "4096 131072 16777216", "always madvise [never]"],
  )
  const [fin] = await rig.tuning.readings()
  assert.equal([fin.state, fin.found, fin.original, fin.verified], ["verified", 15, 60, true])
  rig.tuning.close()
  assert.equal(snapshot(fake), before)
  assert.equal(
    readdirSync(folder).filter((file) => file.endsWith(".jsonl")),
    [],
    "a clean stop leaves no journal",
  )
})

rigTest("a plan writes nothing, and keeps no journal", async (rig, fake, folder) => {
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }, { apply: false }))
  const [fin] = await rig.tuning.readings()
  assert.equal([fin.state, fin.found, fin.wanted, fin.verified], ["wanted", 60, 15, false])
  assert.equal([fake.writes, readdirSync(folder)], [[], []])
})

rigTest("the journal is on the disk before the value is written", (rig, fake, folder) => {
  let journal = ""
  fake.hooks.set(FIN, (text) => {
    const [file] = readdirSync(folder).filter((name) => name.endsWith(".jsonl"))
    journal = readFileSync(path.join(folder, file), "utf8")
    return text
  })
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }))
  const [owner, intent] = journal
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
  assert.is(owner.owner.pid, process.pid)
  for (const member of ["boot", "netns", "started"]) assert.match(owner.owner[member], /^\S+$/, member)
  assert.equal(intent.files, [{ path: FIN, form: "plain", original: "60", ours: "15" }])
})

rigTest("an option that is removed is put back, one that changes keeps its original, live", (rig, fake) => {
  const before = snapshot(fake)
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 10 }))
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 20 }))
  assert.equal([fake.read(FIN), fake.read(SWAP)], ["20", "60"])
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": "keep" }))
  assert.equal(snapshot(fake), before)
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }))
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }, { apply: false }))
  assert.equal(snapshot(fake), before, "back to plan is back to before")
})

rigTest("what was raised is measured at what it was before: a smaller wish lowers it again", (rig, fake) => {
  rig.change(wanting({ "net.ipv4.tcp_rmem": ">=4096 131072 33554432" }))
  rig.change(wanting({ "net.ipv4.tcp_rmem": ">=4096 131072 16777216" }))
  assert.is(fake.read(RMEM), "4096 131072 16777216")
  rig.change(wanting({ "net.ipv4.tcp_rmem": ">=4096 131072 1048576" }))
  assert.is(fake.read(RMEM).replaceAll("\t", " "), "4096 131072 6291456")
})

rigTest("an unchanged wish is not written again", (rig, fake) => {
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }))
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 10 }))
  assert.equal(
    fake.writes.map(([file]) => file),
    [FIN, SWAP],
  )
})

rigTest("values that the kernel moves together come back together", (rig, fake) => {
  const before = snapshot(fake)
  rig.change(wanting({ "vm.dirty_bytes": 1_000_000 }))
  assert.equal([fake.read(BYTES), fake.read(RATIO)], ["1000000", "0"])
  rig.tuning.close()
  assert.equal(snapshot(fake), before)
})

rigTest("a start goes on with one value that cannot be set, and none is; the log says why", async (rig, fake) => {
  fake.readOnly.add(SWAP)
  fake.privileges.clear()
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 10 }))
  assert.equal(fake.writes, [])
  assert.match(
    rig.logged.join("\n"),
    "no value of the kernel is set: vm.swappiness: /proc/sys/vm/swappiness needs the user root",
  )
  const states = (await rig.tuning.readings()).map(({ state }) => state)
  assert.equal(states.slice(0, 2), ["wanted", "needs_privilege"])
})

rigTest("who is strict gets no start with it", (rig, fake) => {
  fake.readOnly.add(SWAP)
  const offers = wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 10 }, { strict: true })
  assert.is(
    code(() => rig.change(offers)),
    "VELOZ_TUNING_REFUSED",
  )
  fake.files.delete(SWAP)
  assert.is(
    code(() => rig.change(offers)),
    "VELOZ_TUNING_REFUSED",
    "what the machine lacks counts too",
  )
  assert.equal(fake.writes, [])
})

rigTest("a change is refused with a value that cannot be set, and what was set stays", (rig, fake) => {
  fake.readOnly.add(SWAP)
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }))
  const refused = wanting({ "net.ipv4.tcp_fin_timeout": 20, "vm.swappiness": 10 })
  assert.is(
    code(() => rig.change(refused)),
    "VELOZ_TUNING_REFUSED",
  )
  assert.is(fake.read(FIN), "15")
})

rigTest("a failure of the start does not refuse later changes of something else", (rig, fake) => {
  fake.readOnly.add(SWAP)
  rig.change(wanting({ "vm.swappiness": 10 }))
  rig.change(wanting({ "vm.swappiness": 10, "net.ipv4.tcp_fin_timeout": 15 }))
  assert.equal(fake.writes, [], "one failure, zero writes")
})

rigTest("a value that the kernel does not take puts back all that was written before it", (rig, fake) => {
  const before = snapshot(fake)
  rig.change(wanting({ "vm.swappiness": 20 }))
  fake.hooks.set(FIN, () => {
    throw systemError("EINVAL", FIN)
  })
  const refused = wanting({ "vm.swappiness": 10, thp: "never", "net.ipv4.tcp_fin_timeout": 999 })
  assert.is(
    code(() => rig.change(refused)),
    "VELOZ_TUNING_FAILED",
  )
  assert.equal([fake.read(SWAP), fake.read(THP)], ["20", "always [madvise] never"])
  rig.tuning.close()
  assert.equal(snapshot(fake), before)
})

rigTest("a value that the kernel makes another of is not taken for set", (rig, fake) => {
  fake.hooks.set(FIN, () => "30")
  rig.change(wanting({}))
  assert.is(
    code(() => rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }))),
    "VELOZ_TUNING_FAILED",
  )
})

rigTest("a generation that does not come takes back what was written for it", (rig, fake) => {
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 10 }))
  const { revert } = rig.tuning.apply(rig.tuning.prepare(wanting({ "net.ipv4.tcp_fin_timeout": 20, thp: "never" })))
  assert.equal([fake.read(FIN), fake.read(SWAP), fake.read(THP)], ["20", "60", "always madvise [never]"])
  revert()
  assert.equal([fake.read(FIN), fake.read(SWAP), fake.read(THP)], ["15", "10", "always [madvise] never"])
  rig.tuning.close()
  assert.equal([fake.read(FIN), fake.read(SWAP)], ["60", "60"])
})

rigTest(
  "what somebody else sets is left to them, told and counted, and stays when the engine stops",
  async (rig, fake) => {
    rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 10 }))
    fake.files.set(FIN, "33")
    rig.tuning.check()
    rig.tuning.check()
    const [fin] = await rig.tuning.readings()
    assert.equal([fin.state, fin.found, fin.verified], ["foreign", 33, false])
    const drifts = rig.events.filter(({ type }) => type === "tuning_drift")
    assert.equal(
      drifts.map(({ data }) => data),
      [{ id: "net.ipv4.tcp_fin_timeout", found: "33", wanted: "15", policy: "yield" }],
    )
    assert.equal([rig.counter("tuning_drifts"), rig.counter("tuning_foreign")], [1, 1])
    rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15, "vm.swappiness": 20 }))
    assert.is(fake.read(FIN), "33", "a change of something else does not take it back")
    rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 16, "vm.swappiness": 20 }))
    assert.equal([fake.read(FIN), rig.counter("tuning_foreign")], ["16", 0], "a wish of another value does")
    rig.tuning.close()
    assert.equal([fake.read(FIN), fake.read(SWAP)], ["33", "60"], "and it is put back to what they had set")
  },
)

rigTest("drift that is to be reasserted is set again, and put back to what the other had set", (rig, fake) => {
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }, { drift: "reassert" }))
  fake.files.set(FIN, "33")
  rig.tuning.check()
  assert.is(fake.read(FIN), "15")
  rig.tuning.close()
  assert.is(fake.read(FIN), "33")
})

rigTest("drift that is to fail ends the engine with the name of the value", (rig, fake) => {
  rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }, { drift: "fail" }))
  fake.files.set(FIN, "33")
  rig.tuning.check()
  assert.match(rig.failures[0].message, "set net.ipv4.tcp_fin_timeout to 33 (wanted: 15)")
  assert.is(fake.read(FIN), "33")
})

test("values are read again on a schedule", () =>
  withFolder(async (folder) => {
    const fake = machine()
    const rig = new TuningRig(fake, folder)
    rig.change(wanting({ "net.ipv4.tcp_fin_timeout": 15 }, { recheckSeconds: 0.01 }))
    fake.files.set(FIN, "33")
    for (let i = 0; i < 100 && rig.events.length < 2; i++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.is(rig.events.at(-1)?.type, "tuning_drift")
    rig.tuning.close()
  }))

rigTest("what a plugin holds itself is told by the plugin, also if it fails", async (rig) => {
  const held: Tunable = { id: "TCP_NODELAY", scope: "socket", undo: "at close", meaning: "N." }
  rig.change(new Map([["net", { wishes: [{ tunable: held, wish: 1 }] }]]))
  const stop = rig.tuning.report("net", "TCP_NODELAY", async () => ({ found: 1, verified: true }))
  const [told] = await rig.tuning.readings()
  assert.equal([told.state, told.found, told.verified, told.wanted], ["verified", 1, true, 1])
  rig.tuning.report("net", "TCP_NODELAY", () => {
    throw new Error("its thread is busy")
  })
  stop()
  const [failed] = await rig.tuning.readings()
  assert.equal([failed.state, failed.found, failed.note], ["wanted", null, "its thread is busy"])
})

test.run()
