import type { ControlContext, LeaseWish, MetricsApiOptions } from "veloz"

const LONGEST_SECONDS = 3600

/** For who tries options and may not live to put them back, as `veloz tune measure`. */
export function addLeaseRoute({ http, engine }: ControlContext<MetricsApiOptions>): void {
  http.route({
    method: "POST",
    url: "/api/config/lease",
    summary: "Puts options back to what they are now when this is not asked again in time, or at once with 0 seconds",
    body: {
      required: ["holder", "paths", "seconds"],
      properties: {
        holder: { type: "string", minLength: 1, maxLength: 100 },
        paths: { type: "array", minItems: 1, maxItems: 100, items: { type: "string", minLength: 1, maxLength: 500 } },
        seconds: { type: "integer", minimum: 0, maximum: LONGEST_SECONDS },
      },
    },
    handler: async ({ body }) => {
      await engine.configuration.lease(body as unknown as LeaseWish)
      return { ok: true, generation: engine.configuration.generation() }
    },
  })
}
