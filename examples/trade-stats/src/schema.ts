import type { FromSchema, ObjectSchema } from "veloz"

export const schema = {
  type: "object",
  properties: {
    large_qty: {
      type: "string",
      pattern: "^\\d+(\\.\\d+)?$",
      default: "1",
      description: "A trade of so much or more is large, and is told as an event.",
      "x-veloz-unit": "base asset",
      "x-veloz-reload": "plugin",
    },
  },
} as const satisfies ObjectSchema

export type TradeStatsOptions = FromSchema<typeof schema>
