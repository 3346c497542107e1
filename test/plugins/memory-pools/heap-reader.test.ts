import { threadId } from "node:worker_threads"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { type HeapAnswer, type HeapQuestion, HOT_ROLES, type HotRole } from "../../../plugins/memory-pools/heap.js"
import { HeapReader } from "../../../plugins/memory-pools/heap-reader.js"

/** A reader whose questions and timer wait for the test. */
class Rig {
  readonly questions: HeapQuestion[] = []
  late: () => void = () => undefined
  readonly reader = new HeapReader((question) => void this.questions.push(question), {
    after: (_delayMs, callback) => {
      this.late = callback
      return 1
    },
    cancel: () => undefined,
  })

  answer(role: HotRole, question = this.questions.at(-1)!.question, thread = 77): void {
    const heap = { threadId: thread, totalBytes: 2, usedBytes: 1, outsideBytes: 1, semiSpaceMb: undefined }
    this.reader.onAnswer({ question, role, heap } satisfies HeapAnswer)
  }
}

test("those who ask while a question is on its way share its answer", async () => {
  const rig = new Rig()
  const answers = [rig.reader.read(), rig.reader.read(), rig.reader.read()]
  for (const role of HOT_ROLES) rig.answer(role)
  for (const answer of answers)
    assert.equal(
      (await answer)?.map((heap) => heap.threadId),
      [77, threadId],
    )
  assert.is(rig.questions.length, 1)
  void rig.reader.read()
  assert.is(rig.questions.length, 2, "the next one is a question of its own")
})

test("a late answer to an old question is not taken for the new one", async () => {
  const rig = new Rig()
  const first = rig.reader.read()
  rig.late()
  assert.is(await first, undefined)
  const second = rig.reader.read()
  const [{ question: old }] = rig.questions
  for (const role of HOT_ROLES) rig.answer(role, old, 66)
  for (const role of HOT_ROLES) rig.answer(role)
  assert.equal(
    (await second)?.map((heap) => heap.threadId),
    [77, threadId],
  )
})

test("who asks is not left waiting by a thread that is silent, or by a part that leaves", async () => {
  for (const end of ["late", "giveUp"] as const) {
    const rig = new Rig()
    const reading = rig.reader.read()
    rig.answer("engine")
    if (end === "late") rig.late()
    else rig.reader.giveUp()
    assert.is(await reading, undefined)
  }
})

test.run()
