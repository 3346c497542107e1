import { once } from "node:events"
import { createServer } from "node:net"
import { describePortHolder } from "../os/ports.js"
import type { Claims } from "./contract.js"
import { listenError, portHandedOnError, portTakenError } from "./errors.js"

/**
 * Listens at each of these addresses for a moment. Throws at the first that cannot be had. `standing` are those of the part
 * that is to be replaced, which keeps them until the new one is there.
 */
export async function tryPorts(ports: Claims["ports"] = [], standing: Claims["ports"] = []): Promise<void> {
  for (const { host, port, option } of ports) {
    if (port === 0) continue
    const server = createServer((socket) => socket.destroy())
    try {
      await once(server.listen({ host, port }), "listening")
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== "EADDRINUSE") throw listenError(host, port, message, option)
      if (standing.some((one) => one.port === port)) throw portHandedOnError(host, port, option)
      throw portTakenError(host, port, await describePortHolder(port, host), option)
    } finally {
      if (server.listening) await once(server.close(), "close")
    }
  }
}
