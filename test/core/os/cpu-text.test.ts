import { test } from "uvu"
import * as assert from "uvu/assert"
import { describeCpus } from "../../../core/os/cpu-text.js"

const KNOWN = { online: [0, 1, 2, 3], permitted: [0, 1, 2, 3], usable: [0, 1], quota: undefined }

test("a topology is a line a fact, groups side by side", () => {
  const topology = {
    ...KNOWN,
    cores: [
      [0, 1],
      [2, 3],
    ],
    caches: [[0, 1, 2, 3]],
    nodes: [
      { node: 0, cpus: [0, 1] },
      { node: 1, cpus: [2, 3] },
    ],
    isolated: [2, 3],
    quota: 1.5,
  }
  assert.equal(describeCpus(topology), [
    "online      0-3",
    "permitted   0-3",
    "started on  0-1",
    "cores       0-1 | 2-3",
    "caches      0-3",
    "nodes       0: 0-1 | 1: 2-3",
    "isolated    2-3",
    "quota       1.5 CPUs of time",
  ])
})

test("what is not known is left out, and a guess says that it is one", () => {
  const topology = { ...KNOWN, cores: [], caches: [], nodes: [], isolated: [], reason: "nobody tells" }
  assert.equal(describeCpus(topology).slice(3), ["a guess: nobody tells"])
})

test.run()
