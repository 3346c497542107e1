import type { ExchangeOptions } from "../options.js"

// What the engine and the exchange's process say to each other.

export interface LaunchRequest {
  readonly launch: true
  readonly options: Partial<ExchangeOptions>
}

export interface RetuneRequest {
  readonly retune: { events_per_second?: number; latency_ms?: number }
}

/** Open markets for these symbols. */
export interface ListRequest {
  readonly list: readonly string[]
}

export type ListReply =
  | { readonly listed: true }
  | { readonly listed: false; readonly message: string; readonly code: string }

export type LaunchReply =
  | { readonly ready: true; readonly host: string; readonly port: number }
  | { readonly ready: false; readonly message: string }

export function isLaunchRequest(message: unknown): message is LaunchRequest {
  return typeof message === "object" && message !== null && "launch" in message
}

export function isListRequest(message: unknown): message is ListRequest {
  return typeof message === "object" && message !== null && "list" in message
}
