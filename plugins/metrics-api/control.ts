import {
  type ControlContext,
  type ExplainReading,
  findBottlenecks,
  type MetricsApiOptions,
  type Part,
  type PipelineReading,
  withoutSecrets,
} from "veloz"
import { adviseOn } from "./advice.js"
import { addHistoryRoutes, lastRejected } from "./history.js"
import { readLatency } from "./latency.js"
import { addLeaseRoute } from "./lease.js"
import { readMachine } from "./machine.js"
import { publishMeasures } from "./publish-measures.js"
import { addStreamRoute } from "./stream.js"

export function control(context: ControlContext<MetricsApiOptions>): Part {
  addEngineRoutes(context)
  addMetricRoutes(context)
  addConfigRoutes(context)
  addHistoryRoutes(context)
  addLeaseRoute(context)
  publishMeasures(context)
  return { dispose: addStreamRoute(context) }
}

function addEngineRoutes({ http, engine }: ControlContext<MetricsApiOptions>): void {
  http.route({
    method: "GET",
    url: "/api/health",
    summary: "Whether the engine runs, and since when",
    handler: () => ({
      status: "healthy",
      engine: "running",
      uptime_seconds: engine.uptimeSeconds(),
      version: engine.version,
    }),
  })
  http.route({
    method: "GET",
    url: "/api/tuning",
    summary: "What the plugins want of the machine: wanted, found and in force, for each tunable",
    handler: async () => ({ tunables: await engine.tuning.readings() }),
  })
  http.route({
    method: "GET",
    url: "/api/plugins",
    summary: "The plugins, their state and stages, and the composed pipeline",
    handler: () => ({ plugins: engine.configuration.plugins(), pipeline: engine.configuration.pipeline() }),
  })
}

function addMetricRoutes({ http, engine }: ControlContext<MetricsApiOptions>): void {
  http.route({
    method: "GET",
    url: "/api/metrics/latency",
    summary: "Latencies of orders and market data, and their rates",
    handler: () => readLatency(engine.metrics),
  })
  http.route({
    method: "GET",
    url: "/api/metrics/profile",
    summary: "Where the time of an order and of an update goes, and which option would change it",
    handler: () => {
      const profile = engine.metrics.profile()
      return { ...profile, bottlenecks: findBottlenecks(profile, adviseOn(engine.configuration.effective())) }
    },
  })
  http.route({
    method: "GET",
    url: "/api/metrics/threads",
    summary: "The threads, their roles, cores and CPU time",
    handler: () => ({ threads: engine.metrics.threads() }),
  })
  http.route({
    method: "GET",
    url: "/api/metrics/counters",
    summary: "Everything that the engine and its plugins count, since the start",
    handler: () => ({ counters: engine.metrics.counters() }),
  })
  http.route({
    method: "GET",
    url: "/api/metrics/totals",
    summary: "Everything as it has added up since the start: two of them make a reading of the time between",
    handler: () => ({
      version: engine.version,
      machine: readMachine(),
      advice: adviseOn(engine.configuration.effective()),
      ...engine.metrics.totals(),
    }),
  })
}

function addConfigRoutes({ http, engine }: ControlContext<MetricsApiOptions>): void {
  http.route({
    method: "GET",
    url: "/api/config",
    summary: "The configuration that is in force",
    handler: () => ({
      generation: engine.configuration.generation(),
      config: withoutSecrets(engine.configuration.effective()),
      last_rejected: lastRejected(engine.configuration.history),
    }),
  })
  http.route({
    method: "GET",
    url: "/api/config/explain",
    summary:
      'What an option is, who set it where, and what that overrides; without a path all options, and of "pipeline" the stages',
    query: { properties: { path: { type: "string", maxLength: 500 } } },
    handler: ({ query: { path } }): ExplainReading | PipelineReading => {
      const { configuration } = engine
      if (path !== "pipeline") return configuration.explain(path as string | undefined)
      return { generation: configuration.generation(), ...configuration.pipeline() }
    },
  })
  http.route({
    method: "POST",
    url: "/api/config/plan",
    summary:
      "What would become of each option and plugin: with values by path, a file, or the configuration as it is saved",
    query: { properties: { file: { type: "string", minLength: 1, maxLength: 4000 } } },
    body: { type: ["object", "null"], additionalProperties: true },
    handler: async ({ query, body }) => {
      const changes = Object.keys(body).length > 0 ? body : undefined
      return engine.configuration.plan({ changes, file: query.file as string | undefined })
    },
  })
}
