import { createHash, timingSafeEqual } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { isIPv4 } from "node:net"
import {
  foreignHostError,
  foreignOriginError,
  tokenMissingError,
  unauthorizedError,
  type VelozError,
} from "./errors.js"

/** Decides whether a request may be answered at all, from its headers alone. Returns the refusal, or undefined. */
export type Guard = (request: IncomingMessage) => VelozError | undefined

/**
 * The guard of a server on `host`. On a loopback address the Host header must name this machine, so that no page of
 * the web can reach it by a name that it points here (DNS rebinding). Elsewhere the names by which it is reached are
 * not ours to know, and the token, which no such page has, takes that place. With a token, every request needs it.
 */
export function createGuard(host: string, token: string | undefined): Guard {
  const isLocal = isLoopback(host)
  for (const error of checkAddress({ host, token })) throw error
  const wanted = token ? digest(`Bearer ${token}`) : undefined
  const isOurs = rememberLast((name) => isLoopback(name) || name === host)

  return ({ headers }) => {
    if (isLocal && !isOurs(headers.host)) return foreignHostError(headers.host)
    if (headers.origin !== undefined && !isSameHost(headers.origin, headers.host)) {
      return foreignOriginError(headers.origin)
    }
    // Equal lengths and constant time: neither the length nor the first wrong byte of a guess shows in the answer.
    if (wanted !== undefined && !timingSafeEqual(digest(headers.authorization ?? ""), wanted))
      return unauthorizedError()
    return undefined
  }
}

/** What is wrong with an address before anything listens there. */
export function checkAddress({ host, token }: { host: string; token?: string | undefined }): VelozError[] {
  return isLoopback(host) || token ? [] : [tokenMissingError(host)]
}

export function isLoopback(name: string): boolean {
  const host = name.toLowerCase()
  if (host === "localhost" || host === "::1" || host === "[::1]") return true
  return isIPv4(host) && host.startsWith("127.")
}

/** Nearly every request carries the same Host header as the one before it. */
function rememberLast(isOurs: (name: string) => boolean): (host: string | undefined) => boolean {
  let last: string | undefined
  return (host) => {
    if (host === undefined) return false
    if (host === last) return true
    if (!isOurs(host.replace(/:\d+$/, ""))) return false
    last = host
    return true
  }
}

function isSameHost(origin: string, host: string | undefined): boolean {
  return origin === `http://${host}` || origin === `https://${host}`
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}
