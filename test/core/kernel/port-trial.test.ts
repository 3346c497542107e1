import { once } from "node:events"
import net from "node:net"
import { test } from "uvu"
import * as assert from "uvu/assert"
import { tryPorts } from "../../../core/kernel/port-trial.js"
import { freePort } from "../../support/running-engine.js"

const at = (port: number, host = "127.0.0.1") => [{ host, port, option: "plugins.desk.port" }]

test("a port that is free stays free", async () => {
  const port = await freePort()
  await tryPorts([...at(port), ...at(0)])
  await tryPorts(at(port))
})

test("a port that is taken is told with its option and who holds it", async () => {
  const holder = net.createServer().listen(0, "127.0.0.1")
  await once(holder, "listening")
  const { port } = holder.address() as net.AddressInfo
  try {
    await tryPorts(at(port))
    assert.unreachable("it could be had")
  } catch (error) {
    const { code, field, message } = error as { code: string; field: string; message: string }
    assert.equal([code, field], ["VELOZ_PORT_TAKEN", "plugins.desk.port"])
    assert.match(message, new RegExp(`pid ${process.pid}.*choose another port with plugins.desk.port`))
  } finally {
    holder.close()
  }
})

test("a port that the part holds which is to be replaced is told with the mend", async () => {
  const holder = net.createServer().listen(0, "127.0.0.1")
  await once(holder, "listening")
  const { port } = holder.address() as net.AddressInfo
  try {
    await tryPorts(at(port), at(port)).then(
      () => assert.unreachable("it could be had"),
      ({ code, field, message }) => {
        assert.equal([code, field], ["VELOZ_PORT_HANDED_ON", "plugins.desk.port"])
        assert.match(message, "give plugins.desk.port another number together with this change, or 0 for any")
      },
    )
  } finally {
    holder.close()
  }
})

test("an address of another machine cannot be had", async () => {
  await tryPorts(at(await freePort(), "192.0.2.1")).then(
    () => assert.unreachable("it could be had"),
    ({ code, field }) => assert.equal([code, field], ["VELOZ_LISTEN", "plugins.desk.port"]),
  )
})

test.run()
