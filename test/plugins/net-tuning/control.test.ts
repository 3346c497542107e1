import { test } from "uvu"
import * as assert from "uvu/assert"
import type { ControlContext, NetTuningOptions, Part } from "veloz"
import { control } from "../../../plugins/net-tuning/control.js"
import type { SocketsQuestion } from "../../../plugins/net-tuning/messages.js"
import { HttpProbe } from "../../support/http-probe.js"
import { ControlProbe, defaultOptions } from "../../support/part-contexts.js"

const READING = { connection: "binance/api", tcp_nodelay: true }

/** The control part over HTTP, with a network part that the test plays. */
class Asked {
  readonly questions: number[] = []
  readonly part: Part
  http!: HttpProbe
  #onMessage: (message: unknown) => void = () => undefined
  readonly #timers = new Map<number, () => void>()

  constructor(private readonly onQuestion: (asked: Asked, question: number) => void) {
    const probe = new ControlProbe("net-tuning", defaultOptions<NetTuningOptions>("net-tuning"))
    this.part = control({
      ...probe.context,
      channel: {
        post: (message) => {
          const { question } = message as SocketsQuestion
          this.questions.push(question)
          this.onQuestion(this, question)
        },
        onMessage: (listener) => {
          this.#onMessage = listener
        },
      },
      timers: {
        every() {},
        after: (_delayMs, callback) => {
          this.#timers.set(this.#timers.size + 1, callback)
          return this.#timers.size
        },
        cancel: (timer) => void this.#timers.delete(timer),
      },
    } satisfies ControlContext<NetTuningOptions>)
    this.#routes = probe.routes
  }
  readonly #routes: ControlProbe<NetTuningOptions>["routes"]

  static async with(
    onQuestion: (asked: Asked, question: number) => void,
    body: (asked: Asked) => Promise<void>,
  ): Promise<void> {
    const asked = new Asked(onQuestion)
    asked.http = await HttpProbe.serving(asked.#routes)
    try {
      await body(asked)
    } finally {
      await asked.http.close()
    }
  }

  message(message: unknown): void {
    this.#onMessage(message)
  }

  get() {
    return this.http.get("/api/metrics/network")
  }

  /** The time of every timer has come. */
  fire(): void {
    for (const callback of this.#timers.values()) callback()
  }

  get timerCount(): number {
    return this.#timers.size
  }

  async asked(count: number): Promise<void> {
    for (let attempt = 0; attempt < 500 && this.questions.length < count; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    assert.is(this.questions.length, count)
  }
}

const silent = (): void => undefined

test("the answer is what the network part says now", async () => {
  const answer = (asked: Asked, question: number): void => asked.message({ question, sockets: [READING] })
  await Asked.with(answer, async (asked) => {
    for (let number = 1; number <= 3; number += 1) {
      const { status, body } = await asked.get()
      assert.is(status, 200)
      assert.equal(body, { sockets: [READING] })
    }
    assert.equal(asked.questions, [1, 2, 3])
    assert.is(asked.timerCount, 0, "no timer is left")
  })
})

test("who asks while a question is on its way shares the next one", async () => {
  await Asked.with(silent, async (asked) => {
    const first = asked.get()
    await asked.asked(1)
    const others = [asked.get(), asked.get(), asked.get()]
    await new Promise((resolve) => setTimeout(resolve, 50))
    asked.message({ question: 1, sockets: [] })
    assert.equal((await first).body, { sockets: [] })
    await asked.asked(2)
    asked.message({ question: 2, sockets: [READING] })
    for (const { body } of await Promise.all(others)) assert.equal(body, { sockets: [READING] })
    assert.equal(asked.questions, [1, 2])
  })
})

test("a network part that does not answer is 503, and its late answer is nobody's", async () => {
  await Asked.with(silent, async (asked) => {
    const first = asked.get()
    await asked.asked(1)
    asked.fire()
    const { status, body } = await first
    assert.equal([status, body.ok, body.error], [503, false, "overloaded"])
    assert.match(body.message, "within 1000 ms")
    const second = asked.get()
    await asked.asked(2)
    asked.message({ question: 1, sockets: ["late"] })
    asked.message(null)
    asked.message({ question: 2 })
    asked.message({ question: 2, sockets: [READING] })
    assert.equal((await second).body, { sockets: [READING] })
  })
})

test("who waits when the part leaves is told to ask again, those in the queue as well", async () => {
  await Asked.with(silent, async (asked) => {
    const first = asked.get()
    await asked.asked(1)
    const second = asked.get()
    await new Promise((resolve) => setTimeout(resolve, 50))
    asked.part.dispose!()
    asked.part.dispose!()
    for (const { status, body } of await Promise.all([first, second])) {
      assert.is(status, 503)
      assert.match(body.message, "ask again")
    }
    assert.equal(asked.questions, [1])
  })
})

test.run()
