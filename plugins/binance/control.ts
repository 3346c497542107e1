import type { BinanceOptions, ControlContext, Part } from "veloz"
import { noEndpointError } from "./errors.js"
import { readCredentials } from "./io/credentials.js"
import { fetchSymbols } from "./io/exchange-info.js"
import type { Endpoint, EndpointMessage } from "./options.js"
import type { ExchangeEndpoint } from "./services.js"

/** The control part: finds the venue and its trading rules, and tells the network part where to connect as whom. */
export async function startControl(context: ControlContext<BinanceOptions>): Promise<Part> {
  const { config, options, log, channel } = context
  const embedded = config.venue.kind === "sim" ? context.find("exchange-endpoint") : undefined
  if (config.venue.kind === "sim" && embedded === undefined) throw noEndpointError()
  await embedded?.list?.(config.symbols)
  const restUrl = embedded?.restUrl ?? options.rest_url
  const endpointNow = (): Endpoint => (embedded === undefined ? configuredEndpoint(options) : endpointOf(embedded))
  context.provide("venue", {
    symbols: await fetchSymbols(restUrl, config.symbols),
    get account() {
      const { apiUrl, apiKey } = endpointNow()
      return `${apiUrl} ${apiKey ?? "without credentials"}`
    },
  })

  const tell = (): void => {
    const endpoint = endpointNow()
    if (endpoint.apiKey === undefined) log.warn("no credentials: market data only, orders are denied")
    channel.post({ type: "endpoint", endpoint } satisfies EndpointMessage)
  }
  tell()
  return { dispose: embedded?.onChange?.(tell) }
}

function endpointOf({ streamUrl, apiUrl, apiKey, secret }: ExchangeEndpoint): Endpoint {
  return { streamUrl, apiUrl, apiKey, secret }
}

function configuredEndpoint({ stream_url, api_url, key_file }: Readonly<BinanceOptions>): Endpoint {
  return { streamUrl: stream_url, apiUrl: api_url, ...readCredentials(key_file, process.env) }
}
