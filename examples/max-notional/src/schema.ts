import type { FromSchema, ObjectSchema } from "veloz"

export const schema = {
  type: "object",
  properties: {
    max: {
      type: "string",
      pattern: "^\\d+(\\.\\d+)?$",
      default: "50000",
      description: "The most that one order may be worth.",
      "x-veloz-unit": "quote asset",
      "x-veloz-reload": "live",
    },
  },
} as const satisfies ObjectSchema

export type MaxNotionalOptions = FromSchema<typeof schema>
