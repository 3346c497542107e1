import { test } from "uvu"
import * as assert from "uvu/assert"
import { FakeTransportHost } from "../../../core/testing/fake-connection.js"

const URL = "ws://venue"

/** A part that opens a connection, and what it heard. */
function opening(host: FakeTransportHost, url = URL) {
  const heard: string[] = []
  const transport = host.prepare("plugin")
  const connection = transport.open({
    key: "orders",
    url,
    onOpen: () => heard.push("open"),
    onClose: (reason) => heard.push(`close: ${reason}`),
    onFrame: (bytes, offset, length) => heard.push(Buffer.from(bytes.subarray(offset, offset + length)).toString()),
  })
  return { transport, connection, heard }
}

test("a connection waits for the test to open it, and carries messages both ways", () => {
  const host = new FakeTransportHost()
  const { transport, connection, heard } = opening(host)
  assert.is(host.find("orders"), undefined, "its part is not in force")
  transport.activate()
  const venue = host.find("orders")!
  assert.not(connection.sendText("too early"))
  assert.throws(() => venue.receive("too early"), "call open() first")
  venue.open()
  venue.receive("hello")
  for (const text of ["one", "other"]) {
    const at = connection.claim(text.length)
    connection.out.set(Buffer.from(text), at)
    connection.commit(text.length)
  }
  assert.equal(venue.sent, [], "nothing is sent before the flush")
  assert.ok(connection.flush())
  assert.equal(venue.sent, ["one", "other"])
  venue.drop("gone")
  assert.equal(heard, ["open", "hello", "close: gone"])
  assert.not(connection.isOpen)
})

test("a successor with the same key and address takes it over as it stands, and its predecessor leaves it alone", () => {
  const host = new FakeTransportHost()
  const old = opening(host)
  old.transport.activate()
  host.find("orders")!.open()
  const next = opening(host)
  host.find("orders")!.receive("before")
  next.transport.activate()
  old.transport.discard()
  assert.ok(next.connection.isOpen)
  host.find("orders")!.receive("after")
  assert.equal([old.heard, next.heard], [["open", "before"], ["after"]])
  next.transport.discard()
  assert.is(host.find("orders"), undefined)
})

test("another address is another connection, and the old one is closed", () => {
  const host = new FakeTransportHost()
  const old = opening(host)
  old.transport.activate()
  host.find("orders")!.open()
  opening(host, "ws://elsewhere").transport.activate()
  assert.not(old.connection.isOpen)
  assert.is(host.find("orders")!.url, "ws://elsewhere")
})

test("what a part asked for that never came into force is forgotten", () => {
  const host = new FakeTransportHost()
  const standing = opening(host)
  standing.transport.activate()
  host.find("orders")!.open()
  opening(host).transport.discard()
  assert.ok(standing.connection.isOpen)
  host.find("orders")!.receive("still")
  assert.equal(standing.heard, ["open", "still"])
})

test.run()
