import type { FromSchema, ObjectSchema } from "veloz"

export const schema = {
  type: "object",
  properties: {
    url: {
      type: "string",
      pattern: "^wss?://",
      default: "ws://127.0.0.1:9000",
      description: "Where the venue is.",
      "x-veloz-reload": "plugin",
    },
  },
} as const satisfies ObjectSchema

export type JsonVenueOptions = FromSchema<typeof schema>
