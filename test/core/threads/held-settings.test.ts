import { test } from "uvu"
import * as assert from "uvu/assert"
import { refused, type Setting } from "../../../core/os/setting.js"
import { HeldSetting } from "../../../core/threads/held-settings.js"

/** Values by thread, as a kernel would have them. */
class FakeSetting implements Setting<number> {
  readonly values = new Map<number, number>()
  writes = 0
  limit = 100

  read(tid: number): number | undefined {
    return this.values.get(tid)
  }

  write(value: number, tid: number) {
    this.writes += 1
    if (value > this.limit) return refused(`no more than ${this.limit}`)
    this.values.set(tid, value)
    return undefined
  }
}

test("a wish is in force, and what was found comes back when it goes", () => {
  const setting = new FakeSetting()
  setting.values.set(0, 7)
  const hold = new HeldSetting(setting).hold(20)
  assert.equal(hold.read(), [{ tid: 0, value: 20, refusal: undefined }])
  assert.equal([hold.undo(), hold.undo()], [[], []])
  assert.is(setting.values.get(0), 7)
})

test("no wish writes nothing, and a wish that is taken back restores", () => {
  const setting = new FakeSetting()
  setting.values.set(0, 7)
  const held = new HeldSetting(setting)
  const hold = held.hold(undefined)
  assert.is(setting.writes, 0)
  hold.change(9)
  assert.is(setting.values.get(0), 9)
  hold.change(undefined)
  assert.is(setting.values.get(0), 7)
  hold.undo()
  assert.is(setting.writes, 2, "what is as it was found is not written again")
})

test("the newest wish counts, and an older one is back when it goes", () => {
  const setting = new FakeSetting()
  setting.values.set(0, 1)
  const held = new HeldSetting(setting)
  const [old, next] = [held.hold(10), held.hold(20)]
  assert.is(setting.values.get(0), 20)
  old.change(11)
  assert.is(setting.values.get(0), 20)
  next.undo()
  assert.is(setting.values.get(0), 11)
  old.undo()
  assert.is(setting.values.get(0), 1)
})

test("each thread has what is wished, one that appears later after the next look, and its own back", () => {
  const setting = new FakeSetting()
  const tids = [4, 5]
  for (const tid of [4, 5, 6]) setting.values.set(tid, tid)
  const held = new HeldSetting(setting, () => tids)
  const hold = held.hold(50)
  tids.push(6)
  held.sweep()
  assert.equal([...setting.values.values()], [50, 50, 50])
  tids.shift()
  assert.equal(hold.undo(), [])
  assert.equal(setting.values.get(5), 5)
  assert.equal(setting.values.get(6), 6)
})

test("what the kernel refuses is said, at the wish and when it cannot be put back", () => {
  const setting = new FakeSetting()
  setting.values.set(0, 80)
  const held = new HeldSetting(setting)
  const hold = held.hold(200)
  assert.is(hold.read()[0].refusal?.text, "no more than 100")
  assert.is(setting.values.get(0), 80)
  hold.change(10)
  assert.is(hold.read()[0].refusal, undefined)
  setting.limit = 50
  assert.equal(hold.undo(), [refused("no more than 50")])
})

test.run()
