import { VelozError } from "veloz"

// Every error of this plugin, one function an error. None of them ever carries a key or a secret.

export function invalidKeyError(reason: string): VelozError {
  return new VelozError(
    "VELOZ_BINANCE_KEY",
    `cannot sign with the configured secret: ${reason}; give the HMAC secret itself, or an Ed25519 or RSA private key in PEM`,
  )
}

export function keyFileError(path: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_BINANCE_KEY_FILE",
    `cannot take the credentials from ${path}: ${reason}; it is a JSON file with "key" and "secret" or "private_key" that only its owner may read (chmod 600)`,
    { field: "key_file" },
  )
}

export function exchangeInfoError(url: string, reason: string): VelozError {
  return new VelozError(
    "VELOZ_BINANCE_EXCHANGE_INFO",
    `cannot read the trading rules from ${url}: ${reason}; look at plugins.binance.rest_url and at the network`,
    { field: "venue.kind", clashes: ["rest_url"] },
  )
}

export function unknownSymbolError(symbol: string, url: string): VelozError {
  return new VelozError(
    "VELOZ_BINANCE_SYMBOL",
    `cannot trade symbol "${symbol}": the venue at ${url} does not list it; look at "symbols" in the configuration`,
    { field: "symbols" },
  )
}

export function noEndpointError(): VelozError {
  return new VelozError(
    "VELOZ_BINANCE_ENDPOINT",
    'cannot find the embedded exchange: venue.kind is "sim" and no plugin provides "exchange-endpoint"; turn on sim-exchange, or set venue.kind to "binance"',
    { field: "venue.kind" },
  )
}
