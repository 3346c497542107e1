import { readFileSync } from "node:fs"
import { test } from "uvu"
import * as assert from "uvu/assert"
import type { NetTuningOptions } from "veloz"
import { hasCapability, NET_ADMIN } from "../../support/capabilities.js"
import { defaultOptions } from "../../support/part-contexts.js"
import { testUnless } from "../../support/skip.js"
import { FakeSocket, LoopbackVenue, receiveLimit, TAKES_BACK, TunedSockets } from "./support.js"

const onLinux = testUnless(process.platform === "linux" ? undefined : "socket options are set through Linux's calls")

onLinux("the defaults are set on every socket that is open, and read back", async () => {
  await LoopbackVenue.with(2, async ({ sockets }) => {
    const tuned = new TunedSockets(sockets.all, {}).activate()
    const readings = tuned.read()
    assert.equal(
      readings.map(({ connection }) => connection),
      ["venue/connection-0", "venue/connection-1"],
    )
    for (const reading of readings) {
      assert.is(reading.tcp_nodelay, true)
      assert.equal(reading.keepalive, { enabled: true, idle_seconds: 30, interval_seconds: 30, probes: 3 })
      for (const buffer of [reading.recv_buffer, reading.send_buffer]) {
        assert.equal([buffer.requested, buffer.autotuned, buffer.note], [0, true, undefined])
      }
      assert.match(reading.peer!, /^127\.0\.0\.1:\d+$/)
      assert.ok(reading.rtt_us! > 0)
    }
    assert.equal(tuned.logged, [])
  })
})

onLinux("a buffer that is set reads back as it was asked for, and beside it as the kernel counts it", async () => {
  await LoopbackVenue.with(1, async ({ sockets }) => {
    const [reading] = new TunedSockets(sockets.all, { recv_buffer: 200_000, send_buffer: 100_000 }).activate().read()
    assert.equal(reading.recv_buffer, { requested: 200_000, actual: 200_000, kernel_bytes: 400_000, autotuned: false })
    assert.equal(reading.send_buffer, { requested: 100_000, actual: 100_000, kernel_bytes: 200_000, autotuned: false })
  })
})

onLinux("a buffer above the system's limit is a note, and one line in the log for all sockets", async () => {
  await LoopbackVenue.with(3, async ({ sockets }) => {
    const tuned = new TunedSockets(sockets.all, { recv_buffer: 1_073_741_824 }).activate()
    for (const { recv_buffer } of tuned.read()) {
      assert.is(recv_buffer.requested, 1_073_741_824)
      assert.ok(recv_buffer.actual! < recv_buffer.requested)
      assert.is(recv_buffer.actual, receiveLimit() ?? recv_buffer.actual)
      assert.match(recv_buffer.note!, "net.core.rmem_max")
    }
    assert.is(tuned.logged.length, 1)
    assert.match(tuned.logged[0], /^recv_buffer 1073741824: .*net\.core\.rmem_max/)
    tuned.retune({ recv_buffer: 1_073_741_823 })
    assert.is(tuned.logged.length, 2, "another wish is another line")
  })
})

onLinux(
  "a receive buffer without room for one segment is taken, with a warning that the venue's data stalls",
  async () => {
    await LoopbackVenue.with(1, async ({ sockets }) => {
      const tuned = new TunedSockets(sockets.all, { recv_buffer: 1 }).activate()
      assert.match(tuned.read()[0].recv_buffer.note!, "stalls")
      assert.match(tuned.logged[0], "stalls")
    })
  },
)

onLinux("a change is in force on open sockets at once", async () => {
  await LoopbackVenue.with(1, async ({ sockets }) => {
    const tuned = new TunedSockets(sockets.all, {}).activate()
    const { local } = tuned.read()[0]
    tuned.retune({ tcp_nodelay: false, send_buffer: 50_000, keepalive_interval: 7 })
    const [changed] = tuned.read()
    assert.is(changed.local, local, "it is the same socket")
    assert.is(changed.tcp_nodelay, false)
    assert.is(changed.send_buffer.actual, 50_000)
    assert.equal(changed.keepalive, { enabled: true, idle_seconds: 7, interval_seconds: 7, probes: 3 })
    tuned.retune({ tcp_nodelay: true, keepalive_interval: 0 })
    assert.equal([tuned.read()[0].tcp_nodelay, tuned.read()[0].keepalive.enabled], [true, false])
  })
})

const whereTakenBack = testUnless(TAKES_BACK ? undefined : "Linux before 5.15 takes no buffer back")

whereTakenBack("a buffer goes back to the kernel on the open socket, as large as that of a new one", async () => {
  const [, first] = readFileSync("/proc/sys/net/ipv4/tcp_rmem", "utf8").split(/\s+/).map(Number)
  await LoopbackVenue.with(1, async ({ sockets, peers }) => {
    const tuned = new TunedSockets(sockets.all, { recv_buffer: 4096, send_buffer: 4096 }).activate()
    tuned.retune({ recv_buffer: 0, send_buffer: 0 })
    const [{ recv_buffer, send_buffer }] = tuned.read()
    assert.equal([recv_buffer.autotuned, recv_buffer.kernel_bytes, recv_buffer.note], [true, first, undefined])
    assert.equal([send_buffer.autotuned, send_buffer.note], [true, undefined])
    assert.ok(peers[0].readyState === peers[0].OPEN, "the connection is the same")
  })
})

onLinux("the socket that a lost connection comes back with is tuned before its first message", async () => {
  await LoopbackVenue.with(1, async (venue) => {
    const tuned = new TunedSockets(venue.sockets.all, { keepalive_interval: 11, recv_buffer: 300_000 })
    venue.sockets.listen((socket) => tuned.open(socket))
    const before = tuned.activate().read()[0].local
    venue.peers[0].terminate()
    await venue.until(() => tuned.read().some(({ local }) => local !== before))
    const [reading] = tuned.read()
    assert.equal([reading.keepalive.idle_seconds, reading.recv_buffer.actual], [11, 300_000])
  })
})

onLinux(
  "sockets are as they were when the part leaves, and as its successor wants them when it is replaced",
  async () => {
    await LoopbackVenue.with(1, async ({ sockets }) => {
      const kept = new Map<string, unknown>()
      const old = new TunedSockets(sockets.all, { tcp_nodelay: false, recv_buffer: 100_000 }, kept).activate()
      const next = new TunedSockets(sockets.all, { tcp_nodelay: false, recv_buffer: 200_000 }, kept)
      // A generation that is given up before its commit.
      new TunedSockets(sockets.all, {}, kept).part.dispose!()
      assert.is(old.read()[0].recv_buffer.actual, 100_000)
      next.activate()
      old.part.dispose!()
      assert.equal([next.read()[0].tcp_nodelay, next.read()[0].recv_buffer.actual], [false, 200_000])
      next.part.dispose!()
      const [left] = next.read()
      assert.equal([left.tcp_nodelay, left.recv_buffer.autotuned, left.keepalive.enabled], [true, TAKES_BACK, false])
      next.part.dispose!()
    })
  },
)

test("where the kernel cannot hand a buffer back, the connection opens anew", () => {
  const socket = new FakeSocket("192.0.2.9:1", ["SO_BUF_LOCK"])
  const open = [socket]
  const tuned = new TunedSockets(() => open, { send_buffer: 65_536 }).activate()
  assert.equal([tuned.read()[0].send_buffer.autotuned, tuned.read()[0].recv_buffer.autotuned], [false, true])
  tuned.retune({ send_buffer: 65_000 })
  assert.equal(socket.reconnects, [])
  tuned.retune({ send_buffer: 0 })
  assert.is(socket.reconnects.length, 1)
  assert.match(tuned.logged[0], /^send_buffer 0: .*new socket only/)
  // The same connection with another socket has another address at this end.
  Object.assign(socket, { local: "192.0.2.9:2" })
  tuned.open(socket)
  assert.equal([tuned.read()[0].send_buffer.autotuned, tuned.read()[0].send_buffer.note], [true, undefined])
  assert.is(socket.reconnects.length, 1)
})

/** A wish for each option that an ordinary user may have. */
const WISHES = {
  keepalive_idle: 40,
  keepalive_count: 5,
  tcp_user_timeout: 7_000,
  tcp_notsent_lowat: 20_000,
  ip_tos: 0xb8,
  socket_priority: 6,
  tcp_congestion: "reno",
} as const

onLinux("every option is read back as it is wished, and is as it was found when it is wished no more", async () => {
  await LoopbackVenue.with(1, async ({ sockets }) => {
    const tuned = new TunedSockets(sockets.all, {}).activate()
    const [before] = tuned.read()
    tuned.retune(WISHES)
    const [reading] = tuned.read()
    assert.equal(reading.keepalive, { enabled: true, idle_seconds: 40, interval_seconds: 30, probes: 5 })
    for (const option of [
      "tcp_user_timeout",
      "tcp_notsent_lowat",
      "ip_tos",
      "socket_priority",
      "tcp_congestion",
    ] as const) {
      assert.equal(reading[option], { requested: WISHES[option], actual: WISHES[option] }, option)
    }
    tuned.retune(defaultOptions<NetTuningOptions>("net-tuning"))
    assert.equal({ ...tuned.read()[0], rtt_us: 0, min_rtt_us: 0 }, { ...before, rtt_us: 0, min_rtt_us: 0 })
    assert.is(before.tcp_congestion.actual, readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim())
    assert.equal(tuned.logged, [])
  })
})

onLinux("a mark brings its priority along, and a priority of one's own outlives each mark", async () => {
  await LoopbackVenue.with(1, async ({ sockets }) => {
    const tuned = new TunedSockets(sockets.all, { ip_tos: 0xb8 }).activate()
    assert.is(tuned.read()[0].socket_priority.actual, 4)
    tuned.retune({ socket_priority: 3 })
    assert.is(tuned.read()[0].socket_priority.actual, 3)
    tuned.retune({ ip_tos: 0x10 })
    assert.equal([tuned.read()[0].ip_tos.actual, tuned.read()[0].socket_priority.actual], [0x10, 3])
    tuned.retune({ socket_priority: 0 })
    assert.is(tuned.read()[0].socket_priority.actual, 6, "what the mark implies")
    tuned.retune({ ip_tos: 0 })
    assert.is(tuned.read()[0].socket_priority.actual, 0)
  })
})

const asAdmin = testUnless(hasCapability(NET_ADMIN) ? undefined : "it takes the capability CAP_NET_ADMIN")

asAdmin("polling on loopback is set, and said to be a placebo", async () => {
  await LoopbackVenue.with(1, async ({ sockets }) => {
    const tuned = new TunedSockets(sockets.all, { busy_poll: 50, prefer_busy_poll: true }).activate()
    const [{ busy_poll, prefer_busy_poll }] = tuned.read()
    assert.equal([busy_poll.actual, prefer_busy_poll.actual], [50, true])
    assert.match(busy_poll.note!, /^placebo: /)
    assert.match(prefer_busy_poll.note!, /^placebo: /)
  })
})

asAdmin("a forced buffer goes past the system's limit", async () => {
  await LoopbackVenue.with(1, async ({ sockets }) => {
    const bytes = 2 * (receiveLimit() ?? 4_194_304)
    const tuned = new TunedSockets(sockets.all, { recv_buffer: bytes, force_buffers: true }).activate()
    assert.equal([tuned.read()[0].recv_buffer.actual, tuned.logged], [bytes, []])
  })
})

test("what the kernel refuses is a note with the reason, and one line in the log for all sockets", () => {
  const refused = { SO_BUSY_POLL: "EPERM", SO_PRIORITY: "EPERM", TCP_CONGESTION: "EPERM", TCP_USER_TIMEOUT: "EINVAL" }
  const open = [new FakeSocket("a", [], refused), new FakeSocket("b", [], refused)]
  const wishes = { busy_poll: 50, socket_priority: 9, tcp_congestion: "bbr", tcp_user_timeout: 5 }
  const tuned = new TunedSockets(() => open, wishes).activate()
  const [{ busy_poll, socket_priority, tcp_congestion, tcp_user_timeout }] = tuned.read()
  assert.equal(busy_poll, {
    requested: 50,
    actual: 0,
    note: "more than net.core.busy_read needs the capability CAP_NET_ADMIN",
  })
  assert.match(socket_priority.note!, "more than 6 needs the capability CAP_NET_ADMIN")
  assert.match(tcp_congestion.note!, "net.ipv4.tcp_allowed_congestion_control")
  assert.match(tcp_user_timeout.note!, "takes no such value")
  assert.is(tuned.logged.length, 4)
})

test("where no option can be set the values are null, and one line says so", () => {
  const all = ["TCP_NODELAY", "SO_RCVBUF", "SO_SNDBUF", "SO_BUF_LOCK", "SO_KEEPALIVE", "TCP_KEEPIDLE"] as const
  const open = [new FakeSocket("a", all), new FakeSocket("b", all)]
  const tuned = new TunedSockets(() => open, { send_buffer: 9 }).activate()
  const [{ tcp_nodelay, send_buffer, keepalive }] = tuned.read()
  assert.equal([tcp_nodelay, keepalive.enabled], [null, null])
  assert.equal(send_buffer, { requested: 9, actual: null, kernel_bytes: null, autotuned: null })
  assert.is(tuned.logged.length, 1)
  assert.match(tuned.logged[0], "Linux")
})

test("a message that is no question is passed over", () => {
  const tuned = new TunedSockets(() => [], {})
  for (const message of [undefined, null, 1, "question", {}, { question: "1" }]) {
    assert.is(tuned.message(message), undefined)
  }
})

test.run()
