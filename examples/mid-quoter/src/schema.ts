import type { FromSchema, ObjectSchema } from "veloz"

export const schema = {
  type: "object",
  properties: {
    symbol: {
      type: "string",
      default: "BTCUSDT",
      description: "The symbol to quote.",
      "x-veloz-reload": "plugin",
    },
    qty: {
      type: "string",
      pattern: "^\\d+(\\.\\d+)?$",
      default: "0.01",
      description: "The quantity of each quote.",
      "x-veloz-unit": "base asset",
      "x-veloz-reload": "plugin",
    },
    spread_bps: {
      type: "number",
      minimum: 0.1,
      maximum: 1000,
      default: 5,
      description: "How far from the middle of the market each quote is.",
      "x-veloz-unit": "basis points",
      "x-veloz-reload": "live",
    },
    every_ms: {
      type: "integer",
      minimum: 10,
      maximum: 3_600_000,
      default: 1000,
      description: "How often quotes are replaced.",
      "x-veloz-unit": "ms",
      "x-veloz-reload": "plugin",
    },
  },
} as const satisfies ObjectSchema

export type MidQuoterOptions = FromSchema<typeof schema>
