import { type ControlContext, type MemoryPoolsOptions, VelozError } from "veloz"

export function control({ http }: ControlContext<MemoryPoolsOptions>): void {
  http.route({
    method: "POST",
    url: "/api/config/memory",
    summary: "Sizes of the pools (not available in this release)",
    body: { type: ["object", "null"], additionalProperties: true },
    handler: () => {
      throw new VelozError("VELOZ_NOT_AVAILABLE", "the pools of this release have fixed sizes", {
        status: 409,
        httpCode: "not_available",
      })
    },
  })
}
