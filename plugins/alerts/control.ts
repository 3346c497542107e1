import { type AlertsOptions, type ControlContext, VelozError } from "veloz"

export function control({ http }: ControlContext<AlertsOptions>): void {
  http.route({
    method: "POST",
    url: "/api/alerts/latency",
    summary: "Adds a latency alert (not available in this release)",
    body: { type: ["object", "null"], additionalProperties: true },
    handler: () => {
      throw new VelozError("VELOZ_NOT_AVAILABLE", "this release raises no alerts; watch GET /api/metrics/latency", {
        status: 409,
        httpCode: "not_available",
      })
    },
  })
}
