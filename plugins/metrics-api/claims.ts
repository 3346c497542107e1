import type { Claims, MetricsApiOptions } from "veloz"

export function claims({ host, port }: Readonly<MetricsApiOptions>): Claims {
  // A secret is never an option: options are shown by GET /api/config and written to files.
  const token = process.env.VELOZ_API_TOKEN
  return { http: { host, port, ...(token ? { token } : {}) } }
}
