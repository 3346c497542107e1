import type { Attempt, ControlContext, HistoryAccess, MetricsApiOptions } from "veloz"

const ROLLBACK = "/api/config/rollback"

/** What was tried with the configuration, and the way back. */
export function addHistoryRoutes({ http, engine }: ControlContext<MetricsApiOptions>): void {
  const history = (): HistoryAccess => engine.configuration.history
  http.route({
    method: "GET",
    url: "/api/config/history",
    summary: "The attempts to change the configuration, the newest first",
    query: { properties: { limit: { type: "integer", minimum: 1, maximum: 1000 } } },
    handler: async ({ query }) => {
      const { attempts, damaged } = await history().list((query.limit as number | undefined) ?? 50)
      return { generation: engine.configuration.generation(), attempts: attempts.map(outline), damaged }
    },
  })
  http.route({
    method: "GET",
    url: "/api/config/history/:attempt",
    summary: "One attempt, with the configuration that it made or would have made",
    handler: ({ params }) => history().read(params.attempt),
  })
  http.route({
    method: "POST",
    url: ROLLBACK,
    summary: "Brings the values and the code of an earlier generation back",
    body: {
      required: ["generation"],
      properties: { generation: { type: "integer", minimum: 1, maximum: 999_999_999 } },
    },
    handler: async ({ body }) => {
      return { ok: true, ...(await history().rollBack(body.generation as number, `POST ${ROLLBACK}`)) }
    },
  })
}

/** What is wrong with the last configuration that was refused; null when none was since the start. */
export function lastRejected(history: HistoryAccess): object | null {
  const attempt = history.lastRejected()
  if (attempt === undefined) return null
  const { number, time, layer, author, summary, diagnostics } = attempt
  return { number, time, layer, author, summary, diagnostics }
}

/** An attempt without what it names on disk. */
function outline({ values: _values, origins: _origins, plugins: _plugins, sources, ...attempt }: Attempt): object {
  return { ...attempt, sources: Object.keys(sources) }
}
