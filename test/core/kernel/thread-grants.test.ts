import { test } from "uvu"
import * as assert from "uvu/assert"
import type { Claims } from "veloz"
import { pinRefusedError } from "../../../core/kernel/errors.js"
import { ThreadGrants } from "../../../core/kernel/thread-grants.js"

/** What is asked of threads, in its order. */
function threads(refused: readonly number[] = []) {
  const steps: string[] = []
  const warnings: string[] = []
  const done = (step: string, refusals: readonly string[] = []) => {
    steps.push(step)
    return { refusals, cores: [], undo: () => void steps.push(`not ${step}`) }
  }
  const care = {
    pin: (role: string, cores: readonly number[]) => {
      if (cores.some((cpu) => refused.includes(cpu))) throw pinRefusedError(role, cores, "it went away")
      return done(`${role} on ${cores}`)
    },
    housekeep: (cores: readonly number[]) => done(`others on ${cores}`, ["one stays"]),
    raise: () => done("raised"),
  }
  const grants = new ThreadGrants(care as never, (plugin, reason) => void warnings.push(`${plugin}: ${reason}`))
  return { grants, steps, warnings, taken: () => steps.splice(0) }
}

const on = (cpu: number, others: Partial<Claims> = {}) =>
  new Map<string, Claims>([["mine", { pins: [{ role: "engine", cores: [cpu] }], ...others }]])

test("what is claimed is granted once, and a generation that claims the same changes nothing", () => {
  const { grants, taken, warnings } = threads()
  grants.commit(on(1, { housekeeping: [0] }), false)
  assert.equal([taken(), warnings], [["engine on 1", "others on 0"], ["mine: one stays"]])
  grants.commit(on(1, { housekeeping: [0], http: { host: "127.0.0.1", port: 1 } }), false)
  assert.equal(taken(), [])
})

test("what is new is granted before what is over is taken back, and threads that are new get it again", () => {
  const { grants, taken } = threads()
  grants.commit(on(1), false)
  grants.commit(on(2), false)
  assert.equal(taken(), ["engine on 1", "engine on 2", "not engine on 1"])
  grants.commit(on(2), true)
  assert.equal(taken(), ["engine on 2", "not engine on 2"])
  grants.close()
  assert.equal(taken(), ["not engine on 2"])
})

test("a trial leaves nothing, and throws what the kernel refuses; at the commit that is a warning", () => {
  const { grants, taken, warnings } = threads([3])
  grants.try(on(1))
  assert.equal(taken(), ["engine on 1", "not engine on 1"])
  assert.throws(() => grants.try(on(3)), /it went away/)
  grants.commit(on(3), false)
  assert.match(warnings.join(), "mine: cannot bind the engine thread to CPU 3: it went away")
})

test.run()
