import type { Duplex } from "node:stream"
import { WebSocket } from "ws"
import { ClientFrames, FrameKind } from "../hot/client-frames.js"

/**
 * Takes short ASCII messages off a socket before the WebSocket library has seen them: at the pace of orders its
 * streams and events cost 50 µs of cold code a message. Control frames are handed to the library one by one. At the
 * first frame of another kind it gets the connection back for good, with all bytes from that frame on.
 */
export class DirectMessages {
  readonly #webSocket: WebSocket
  readonly #socket: Duplex
  readonly #onText: (text: string) => void
  readonly #beforeLibrary: () => void
  readonly #library: ((chunk: Buffer) => void)[]
  readonly #frames = new ClientFrames()
  readonly #onData = (chunk: Buffer) => this.#read(chunk)
  /** The beginning of a frame whose end is still to come. */
  #partial: Buffer | undefined

  constructor(webSocket: WebSocket, socket: Duplex, onText: (text: string) => void, beforeLibrary: () => void) {
    this.#webSocket = webSocket
    this.#socket = socket
    this.#onText = onText
    this.#beforeLibrary = beforeLibrary
    this.#library = socket.listeners("data") as ((chunk: Buffer) => void)[]
    for (const listener of this.#library) socket.off("data", listener)
    socket.on("data", this.#onData)
  }

  #read(chunk: Buffer): void {
    const bytes = this.#partial === undefined ? chunk : Buffer.concat([this.#partial, chunk])
    this.#partial = undefined
    const frames = this.#frames
    let position = 0
    // A close frame, or an error that the library found, ends the reading.
    while (position < bytes.length && this.#webSocket.readyState === WebSocket.OPEN) {
      const kind = frames.read(bytes, position, bytes.length)
      if (kind === FrameKind.Partial) {
        this.#partial = bytes.subarray(position)
        return
      }
      if (kind === FrameKind.Other) {
        this.#giveBack(bytes.subarray(position))
        return
      }
      const start = position
      position = frames.end
      if (kind === FrameKind.Control) this.#handOver(bytes.subarray(start, position))
      else this.#onText(bytes.toString("latin1", frames.textStart, position))
    }
  }

  #handOver(bytes: Buffer): void {
    this.#beforeLibrary()
    for (const listener of this.#library) listener.call(this.#socket, bytes)
  }

  #giveBack(bytes: Buffer): void {
    this.#socket.off("data", this.#onData)
    for (const listener of this.#library) this.#socket.on("data", listener)
    this.#handOver(bytes)
  }
}
