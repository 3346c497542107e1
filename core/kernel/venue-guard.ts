import { DenyReason } from "../hot/deny.js"
import type { Connection, ConnectionHandlers, ConnectionOptions, Transport } from "../io/transport.js"
import type { PartInstance } from "../pipeline/taps.js"
import type { OrderRequest, VenueAdapter } from "./contract.js"

// A plugin that throws while it speaks with a venue leaves the connection in doubt, and must not leave with its orders. So
// the fault is told, the part goes on, and the connection is opened anew: then the engine asks what became of each order.

/** A transport whose connections survive what their handlers throw. */
export function guardTransport(part: PartInstance, transport: Transport): Transport {
  return { open: (options) => guardConnection(part, transport, options) }
}

function guardConnection(part: PartInstance, transport: Transport, options: ConnectionOptions): Connection {
  const { key } = options
  const doubt = (handler: keyof ConnectionHandlers, error: unknown): void => {
    part.complain(`connection "${key}", ${handler}`, error)
    connection.reconnect(`${handler} threw`)
  }
  const connection = transport.open({
    ...options,
    onFrame: (bytes, offset, length, receivedNs) => {
      try {
        options.onFrame(bytes, offset, length, receivedNs)
      } catch (error) {
        doubt("onFrame", error)
      }
    },
    onOpen: () => {
      try {
        options.onOpen?.()
      } catch (error) {
        doubt("onOpen", error)
      }
    },
    // Where the connection is away already there is nothing to open anew.
    onClose: (reason) => {
      try {
        options.onClose?.(reason)
      } catch (error) {
        part.complain(`connection "${key}", onClose`, error)
      }
    },
    onFailure: (reason, waitMs) => {
      try {
        options.onFailure?.(reason, waitMs)
      } catch (error) {
        part.complain(`connection "${key}", onFailure`, error)
      }
    },
  })
  return connection
}

/** An adapter that answers whatever it is asked: what it throws is a denial, and the doubt about what it has appended. */
export class GuardedAdapter implements VenueAdapter {
  constructor(
    private readonly part: PartInstance,
    private readonly adapter: VenueAdapter,
  ) {}

  /** Undefined when the adapter has no such request. */
  get ping(): VenueAdapter["ping"] {
    return this.adapter.ping === undefined ? undefined : this.#ping
  }

  get connection(): Connection | undefined {
    return this.adapter.connection
  }

  get isReady(): boolean {
    return this.adapter.isReady
  }

  get inFlight(): number {
    return this.adapter.inFlight ?? 0
  }

  place(order: OrderRequest): number {
    try {
      return this.adapter.place(order)
    } catch (error) {
      return this.#doubt("place", error)
    }
  }

  cancel(order: OrderRequest): number {
    try {
      return this.adapter.cancel(order)
    } catch (error) {
      return this.#doubt("cancel", error)
    }
  }

  query(order: OrderRequest): number {
    try {
      return this.adapter.query(order)
    } catch (error) {
      return this.#doubt("query", error)
    }
  }

  requestSnapshot(symbol: number, levels: number): void {
    try {
      this.adapter.requestSnapshot(symbol, levels)
    } catch (error) {
      this.#doubt("requestSnapshot", error)
    }
  }

  replay(bytes: Uint8Array, offset: number, length: number, receivedNs: number): boolean {
    return this.adapter.replay(bytes, offset, length, receivedNs)
  }

  readonly #ping = (token: number): number => {
    try {
      return this.adapter.ping!(token)
    } catch (error) {
      return this.#doubt("ping", error)
    }
  }

  // Frames that were appended are let go of with the connection: an order that is denied here must not leave later.
  #doubt(call: string, error: unknown): number {
    this.part.complain(`venue, ${call}`, error)
    this.adapter.connection?.reconnect(`${call} threw`)
    return DenyReason.VenueAway
  }
}
