/** Where the venue is and who we are there: control finds it out, the network part uses it. */
export interface Endpoint {
  readonly streamUrl: string
  readonly apiUrl: string
  /** Undefined: market data only, orders are denied. */
  readonly apiKey?: string
  readonly secret?: string
}

/** What control posts to the network part. */
export interface EndpointMessage {
  readonly type: "endpoint"
  readonly endpoint: Endpoint
}

export function isEndpointMessage(message: unknown): message is EndpointMessage {
  return typeof message === "object" && message !== null && (message as EndpointMessage).type === "endpoint"
}
