import { once } from "node:events"
import { createServer } from "node:net"
import { describePortHolder } from "../os/ports.js"
import type { Claims } from "./contract.js"
import { listenError, portTakenError } from "./errors.js"

/** Listens at each of these addresses for a moment. Throws at the first that cannot be had. */
export async function tryPorts(ports: Claims["ports"] = []): Promise<void> {
  for (const { host, port, option } of ports) {
    if (port === 0) continue
    const server = createServer((socket) => socket.destroy())
    try {
      await once(server.listen({ host, port }), "listening")
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== "EADDRINUSE") throw listenError(host, port, message, option)
      throw portTakenError(host, port, await describePortHolder(port, host), option)
    } finally {
      if (server.listening) await once(server.close(), "close")
    }
  }
}
