import type { ServerResponse } from "node:http"
import type { Readable } from "node:stream"

/** Answers without an end of their own. Each ends with its source, its reader, or the server. */
export class HttpStreams {
  readonly #open = new Map<Readable, ServerResponse>()

  send(source: Readable, mediaType: string, response: ServerResponse): void {
    // Its reader has gone while it was made.
    if (response.destroyed) return void source.destroy()
    // The server closes sooner without connections that wait for a next request.
    response.writeHead(200, { "content-type": mediaType, "cache-control": "no-store", connection: "close" })
    this.#open.set(source, response)
    response.once("close", () => {
      this.#open.delete(source)
      source.destroy()
    })
    source.once("error", () => response.destroy())
    // Given up by its source, it must not wait for a reader that may never read again.
    source.once("close", () => source.readableEnded || response.destroy())
    source.pipe(response)
  }

  /** Ends all of them, or those that are meant. What their sources still hold is not sent. */
  end(isMeant: (response: ServerResponse) => boolean = () => true): void {
    for (const [source, response] of this.#open) {
      if (!isMeant(response)) continue
      source.unpipe(response)
      response.end()
    }
  }
}
