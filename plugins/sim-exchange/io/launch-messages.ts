import type { ExchangeOptions } from "../options.js"

// What the engine and the exchange's process say to each other.

export interface LaunchRequest {
  readonly launch: true
  readonly options: Partial<ExchangeOptions>
}

export interface RetuneRequest {
  readonly retune: { events_per_second?: number; latency_ms?: number }
}

export type LaunchReply =
  | { readonly ready: true; readonly host: string; readonly port: number }
  | { readonly ready: false; readonly message: string }

export function isLaunchRequest(message: unknown): message is LaunchRequest {
  return typeof message === "object" && message !== null && "launch" in message
}
