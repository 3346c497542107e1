import { appendFileSync, chmodSync, existsSync, readdirSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type Identity, ownIdentity } from "../../../core/tuning/identity.js"
import { Journal, type JournalEntry, type Owner } from "../../../core/tuning/journal.js"
import { Journals } from "../../../core/tuning/journals.js"
import { sysctl } from "../../../core/tuning/kernel-files.js"
import { FakeMachine } from "../../support/fake-machine.js"
import { TuningRig, withFolder } from "../../support/tuning-rig.js"

const FIN = "/proc/sys/net/ipv4/tcp_fin_timeout"
const ENTRY: JournalEntry = {
  id: "net.ipv4.tcp_fin_timeout",
  scope: "network namespace",
  files: [{ path: FIN, form: "plain", original: "60", ours: ["15"] }],
}
const FIN_TIMEOUT = sysctl(ENTRY.id, { scope: "network namespace", needs: "CAP_NET_ADMIN", meaning: "F." })

const owner = (identity: Partial<Identity> = {}): Owner => ({
  ...ownIdentity(),
  pid: 4_000_000,
  started: "1",
  name: "veloz_engine",
  kind: "engine",
  ...identity,
})

/** Leaves a journal as a killed process does: with its lock gone. */
function leave(folder: string, who: Owner, entry: JournalEntry = ENTRY, settled = true): string {
  const file = path.join(folder, `engine-${who.pid}-${who.started}.jsonl`)
  const journal = Journal.open(file, who)!
  journal.intend(entry)
  if (settled) journal.settle(entry.id, new Map([[FIN, "15"]]))
  journal.dispose()
  return file
}

const folderTest = (name: string, body: (folder: string) => void): void => test(name, () => withFolder(body))
const recover = (folder: string, machine: FakeMachine) => {
  const journals = new Journals(folder, machine)
  return journals.exclusively(() => journals.recover())
}

folderTest("what a killed engine has left is put back, if it is still as it was set", (folder) => {
  for (const [found, after, outcome] of [
    ["15", "60", "restored"],
    ["60", "60", "clean"],
    ["33", "33", "foreign"],
  ]) {
    const file = leave(folder, owner())
    const machine = new FakeMachine({ [FIN]: found })
    assert.is(recover(folder, machine).undone[0].outcome, outcome)
    assert.equal([machine.read(FIN), existsSync(file)], [after, false])
  }
})

folderTest("an intent without its end counts, whether it was written or not", (folder) => {
  for (const found of ["15", "60"]) {
    leave(folder, owner(), ENTRY, false)
    const machine = new FakeMachine({ [FIN]: found })
    recover(folder, machine)
    assert.is(machine.read(FIN), "60")
  }
})

folderTest("a line that was cut off announced nothing that was done", (folder) => {
  const file = leave(folder, owner())
  appendFileSync(file, `{"set":"vm.swappiness","scope":"host","files":[{"path":"/proc/sys/vm/sw`)
  const machine = new FakeMachine({ [FIN]: "15" })
  assert.equal(
    recover(folder, machine).undone.map(({ id }) => id),
    [ENTRY.id],
  )
  assert.is(machine.read(FIN), "60")
})

folderTest("who goes on with a journal whose last line is cut off begins a new line", (folder) => {
  const file = leave(folder, owner())
  appendFileSync(file, `{"set":"vm.swappi`)
  const journal = Journal.open(file, owner())!
  journal.intend({ ...ENTRY, id: "another" })
  journal.dispose()
  const machine = new FakeMachine({ [FIN]: "60" })
  assert.equal(
    recover(folder, machine).undone.map(({ id }) => id),
    ["another", ENTRY.id],
  )
})

folderTest("a journal does not grow for ever, and its owner keeps it locked while it is written anew", (folder) => {
  const file = path.join(folder, "engine-1-1.jsonl")
  const journal = Journal.open(file, owner())!
  const texts = new Map([[FIN, "15"]])
  const long = { ...ENTRY, files: [{ ...ENTRY.files[0], original: "6".repeat(100_000) }] }
  for (let i = 0; i < 30; i++) {
    journal.intend(long)
    journal.settle(ENTRY.id, texts)
  }
  assert.ok(statSync(file).size < 1_500_000, `${statSync(file).size} bytes`)
  assert.equal(readdirSync(folder), ["engine-1-1.jsonl"])
  const machine = new FakeMachine({ [FIN]: "15" })
  assert.equal([recover(folder, machine).living.length, machine.read(FIN)], [1, "15"], "its owner lives")
  journal.dispose()
  assert.is(recover(folder, machine).undone[0].outcome, "restored")
})

folderTest("a value that was changed twice is ours with either, until it is settled", (folder) => {
  const who = owner()
  const file = path.join(folder, "engine-1-1.jsonl")
  for (const found of ["15", "20"]) {
    const journal = Journal.open(file, who)!
    journal.intend(ENTRY)
    journal.settle(ENTRY.id, new Map([[FIN, "15"]]))
    journal.intend({ ...ENTRY, files: [{ path: FIN, form: "plain", original: "15", ours: ["20"] }] })
    journal.dispose()
    const machine = new FakeMachine({ [FIN]: found })
    recover(folder, machine)
    assert.is(machine.read(FIN), "60", `killed with ${found}`)
  }
})

folderTest("entries of another start of the machine are forgotten", (folder) => {
  const file = leave(folder, owner({ boot: "another" }))
  const machine = new FakeMachine({ [FIN]: "15" })
  assert.equal(recover(folder, machine).undone, [])
  assert.equal([machine.read(FIN), existsSync(file)], ["15", false])
})

folderTest("entries of another network namespace stay, for who is there", (folder) => {
  const file = leave(folder, owner({ netns: "1" }))
  const machine = new FakeMachine({ [FIN]: "15" })
  assert.equal(
    recover(folder, machine).elsewhere.map(({ entry }) => entry.id),
    [ENTRY.id],
  )
  assert.equal([machine.read(FIN), existsSync(file)], ["15", true])
})

folderTest("entries of an engine that runs are left to it", (folder) => {
  const file = path.join(folder, "engine-1-1.jsonl")
  const journal = Journal.open(file, owner())!
  journal.intend(ENTRY)
  const machine = new FakeMachine({ [FIN]: "15" })
  const { undone, living } = recover(folder, machine)
  assert.equal([undone.length, living[0].entry.id, machine.read(FIN)], [0, ENTRY.id, "15"])
  journal.dispose()
})

folderTest("what veloz tune apply has set stays until it is asked for", (folder) => {
  leave(folder, { ...owner(), kind: "cli" })
  const machine = new FakeMachine({ [FIN]: "15" })
  assert.equal(recover(folder, machine).undone, [])
  const journals = new Journals(folder, machine)
  journals.exclusively(() => journals.recover(["engine", "cli"]))
  assert.is(machine.read(FIN), "60")
})

folderTest("what cannot be put back stays in the journal", (folder) => {
  const file = leave(folder, owner())
  const machine = new FakeMachine({ [FIN]: "15" })
  machine.readOnly.add(FIN)
  assert.is(recover(folder, machine).undone[0].outcome, "failed")
  assert.ok(existsSync(file))
  machine.readOnly.clear()
  assert.is(recover(folder, machine).undone[0].outcome, "restored")
})

folderTest(
  "a journal that names other files than the kernel's is not believed, nor one that others may write",
  (folder) => {
    const evil = "/etc/passwd"
    for (const place of [evil, "/proc/sys/../../etc/passwd", "/sys/x/../../etc/passwd"]) {
      const entry = { ...ENTRY, files: [{ path: place, form: "plain" as const, original: "root::", ours: ["x"] }] }
      const file = leave(folder, owner(), entry)
      const machine = new FakeMachine({ [place]: "x" })
      assert.equal([recover(folder, machine).undone, machine.writes], [[], []], place)
      assert.ok(existsSync(file))
    }
    const file = leave(folder, owner())
    chmodSync(file, 0o622)
    const machine = new FakeMachine({ [FIN]: "15" })
    assert.equal([recover(folder, machine).undone, machine.read(FIN)], [[], "15"])
  },
)

folderTest("a second engine shares what it wants the same, and has no say in what it wants otherwise", (folder) => {
  const machine = new FakeMachine({ [FIN]: "60" })
  const file = path.join(folder, "engine-1-1.jsonl")
  const first = Journal.open(file, owner())!
  first.intend(ENTRY)
  machine.write(FIN, "15")
  first.settle(ENTRY.id, new Map([[FIN, "15"]]))
  const offer = (wish: number) =>
    new Map([["p", { wishes: [{ tunable: FIN_TIMEOUT, wish }], apply: true, strict: true }]])
  const rig = new TuningRig(machine, folder)
  assert.throws(
    () => rig.change(offer(20)),
    /veloz_engine \(process 4000000\), which runs, has set it to 15: wish for the same/,
  )
  rig.change(offer(15))
  first.close(ENTRY.id)
  first.dispose()
  assert.is(machine.read(FIN), "15", "the first has gone, and left it to the second")
  rig.tuning.close()
  assert.is(machine.read(FIN), "60")
})

folderTest("an engine that ends leaves what another one shares", (folder) => {
  const machine = new FakeMachine({ [FIN]: "60" })
  const rig = new TuningRig(machine, folder)
  rig.change(new Map([["p", { wishes: [{ tunable: FIN_TIMEOUT, wish: 15 }], apply: true }]]))
  const second = Journal.open(path.join(folder, "engine-1-1.jsonl"), owner())!
  second.intend(ENTRY)
  rig.tuning.close()
  assert.is(machine.read(FIN), "15")
  second.dispose()
  recover(folder, machine)
  assert.is(machine.read(FIN), "60", "and the other one's end puts it back")
})

folderTest("without a folder for its journal nothing is set, and the error says how to name one", (folder) => {
  const file = path.join(folder, "taken")
  writeFileSync(file, "")
  const machine = new FakeMachine({ [FIN]: "60" })
  const rig = new TuningRig(machine, path.join(file, "tuning"))
  rig.change(new Map([["p", { wishes: [{ tunable: FIN_TIMEOUT, wish: 15 }], apply: true }]]))
  assert.match(rig.logged.join("\n"), /no undo journal can be kept in .*, so nothing is set: .*VELOZ_STATE_DIR/)
  assert.equal(machine.writes, [])
})

folderTest("nothing is left of a journal that has nothing to undo", (folder) => {
  const machine = new FakeMachine({ [FIN]: "60" })
  const rig = new TuningRig(machine, folder)
  rig.change(new Map([["p", { wishes: [{ tunable: FIN_TIMEOUT, wish: 15 }], apply: true }]]))
  rig.change(new Map([["p", { wishes: [{ tunable: FIN_TIMEOUT }], apply: true }]]))
  rig.tuning.close()
  assert.equal(readdirSync(folder), ["lock"])
})

test.run()
