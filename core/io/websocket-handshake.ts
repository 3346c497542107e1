import { createHash } from "node:crypto"

/** The HTTP request that asks a server to speak WebSocket. `key` is 16 random bytes in base64. */
export function handshakeRequest(url: URL, key: string, headers: Record<string, string> = {}): string {
  const lines = [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
  ]
  for (const [name, value] of Object.entries(headers)) {
    // A line break in a header would let its value write further headers.
    if (/[\r\n]/.test(name + value)) continue
    lines.push(`${name}: ${value}`)
  }
  return `${lines.join("\r\n")}\r\n\r\n`
}

/** The server's answer, collected until its blank line: what follows are frames already. */
export class HandshakeResponse {
  #text = ""

  /** Returns the index of the first byte behind the answer, or -1 while it is not whole. */
  push(bytes: Uint8Array, start: number, end: number): number {
    for (let position = start; position < end; position++) {
      this.#text += String.fromCharCode(bytes[position])
      if (this.#text.endsWith("\r\n\r\n")) return position + 1
    }
    return -1
  }

  get isTooLong(): boolean {
    return this.#text.length > MAX_RESPONSE_BYTES
  }

  /** Undefined when the server agrees, else why it does not. */
  refusal(key: string): string | undefined {
    const [statusLine = "", ...lines] = this.#text.split("\r\n")
    if (!/^HTTP\/1\.1 101(\s|$)/.test(statusLine)) return `the server answered ${JSON.stringify(statusLine)}`
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(":")
      if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    }
    if (headers.get("upgrade")?.toLowerCase() !== "websocket") return "the server upgraded to something else"
    if (headers.get("sec-websocket-accept") !== acceptKey(key)) return "the server's Sec-WebSocket-Accept is wrong"
    if (headers.has("sec-websocket-extensions")) return "the server uses an extension that was not offered"
    return undefined
  }
}

const MAX_RESPONSE_BYTES = 16 * 1024
const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

function acceptKey(key: string): string {
  return createHash("sha1")
    .update(key + WEBSOCKET_GUID)
    .digest("base64")
}
