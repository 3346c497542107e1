import { test } from "uvu"
import * as assert from "uvu/assert"
import type { NetTuningOptions } from "veloz"
import { SOCKET_TUNABLES } from "../../../plugins/net-tuning/catalogue.js"
import { readTunable, tuning } from "../../../plugins/net-tuning/tuning.js"
import { defaultOptions } from "../../support/part-contexts.js"
import { testUnless } from "../../support/skip.js"
import { LoopbackVenue, TunedSockets } from "./support.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "socket options are set through Linux's calls")

function optionsWith(changes: Partial<NetTuningOptions> = {}): NetTuningOptions {
  return defaultOptions<NetTuningOptions>("net-tuning", changes)
}

function wishes(options: NetTuningOptions): Record<string, unknown> {
  return Object.fromEntries(tuning(options).wishes.map(({ tunable, wish }) => [tunable.id, wish]))
}

test("what the defaults want is TCP_NODELAY and keepalive; the rest is left to the kernel", () => {
  const wanted = Object.entries(wishes(optionsWith())).filter(([, wish]) => wish !== undefined)
  assert.equal(wanted, [
    ["TCP_NODELAY", "on"],
    ["TCP_KEEPIDLE", 30],
    ["TCP_KEEPINTVL", 30],
    ["TCP_KEEPCNT", 3],
  ])
  const { TCP_KEEPIDLE, TCP_KEEPCNT, TCP_NODELAY } = wishes(optionsWith({ keepalive_interval: 0, tcp_nodelay: false }))
  assert.equal([TCP_KEEPIDLE, TCP_KEEPCNT, TCP_NODELAY], [undefined, undefined, "off"])
})

test("each option but those that go with another is a tunable, and each tunable has its option", () => {
  const named = new Set(SOCKET_TUNABLES.map(({ option }) => option))
  const unnamed = Object.keys(optionsWith()).filter((option) => !named.has(option as keyof NetTuningOptions))
  assert.equal(unnamed, ["force_buffers"])
  assert.is(new Set(SOCKET_TUNABLES.map(({ tunable }) => tunable.id)).size, SOCKET_TUNABLES.length)
})

onLinux("each socket is verified by itself, against what its kernel holds", async () => {
  await LoopbackVenue.with(2, async ({ sockets }) => {
    const options = optionsWith({ tcp_user_timeout: 4000, prefer_busy_poll: false, ip_tos: 0xb8 })
    const tuned = new TunedSockets(sockets.all, options).activate()
    const readings = () =>
      Object.fromEntries(SOCKET_TUNABLES.map((known) => [known.tunable.id, readTunable(known, options, tuned.read())]))
    const { TCP_USER_TIMEOUT, IP_TOS, SO_RCVBUF, TCP_NODELAY } = readings()
    assert.equal([TCP_USER_TIMEOUT.found, TCP_USER_TIMEOUT.verified], [4000, true])
    assert.equal([IP_TOS.found, IP_TOS.verified], [0xb8, true])
    assert.equal([TCP_NODELAY.found, TCP_NODELAY.verified], ["on", true])
    assert.is(SO_RCVBUF.verified, null)
    assert.equal(
      TCP_USER_TIMEOUT.parts!.map(({ name }) => name),
      ["venue/connection-0", "venue/connection-1"],
    )
    sockets.all()[1].setOption("TCP_USER_TIMEOUT", 1)
    const changed = readings().TCP_USER_TIMEOUT
    assert.equal([changed.found, changed.verified, changed.note], [null, false, "it was changed by others"])
    assert.equal(
      changed.parts!.map(({ found, verified }) => [found, verified]),
      [
        [4000, true],
        [1, false],
      ],
    )
  })
})

test("without a socket nothing is verified", () => {
  const [first] = SOCKET_TUNABLES
  assert.equal(readTunable(first, optionsWith(), []), { found: null, verified: null, parts: [] })
})

test.run()
