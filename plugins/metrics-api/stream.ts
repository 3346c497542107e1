import { type ControlContext, type Events, type HttpRequest, type MetricsApiOptions, VelozError } from "veloz"
import { EventStream } from "./event-stream.js"

/** Each holds a connection, and some 100 KiB at most. */
const MOST_STREAMS = 64
const KEEP_ALIVE_MS = 10_000

/** Serves events to whoever asks. Returns what ends all streams. */
export function addStreamRoute({ http, events, timers, counter, log }: ControlContext<MetricsApiOptions>): () => void {
  const open = new Set<EventStream>()
  const openCount = counter("streams_open")
  const dropped = counter("streams_dropped")
  http.route({
    method: "GET",
    url: "/api/stream",
    summary: "What happens, as server-sent events",
    query: { properties: { filter: { type: "string" }, last_id: { type: "integer", minimum: 0 } } },
    stream: "text/event-stream",
    handler: (request) => {
      const wish = { events, topics: topicsOf(request, events), lastId: lastIdOf(request) }
      if (open.size >= MOST_STREAMS) throw streamsFullError()
      const onDropped = (): void => {
        dropped.increment()
        log.warn("a reader of GET /api/stream was dropped: it has fallen behind the events that are kept")
      }
      const stream = new EventStream({ ...wish, onDropped })
      openCount.set(open.add(stream).size)
      stream.once("close", () => {
        open.delete(stream)
        openCount.set(open.size)
      })
      return stream
    },
  })
  timers.every(KEEP_ALIVE_MS, () => {
    for (const stream of open) stream.keepAlive()
  })
  return () => {
    for (const stream of open) stream.end()
  }
}

function topicsOf({ query }: HttpRequest, { topics }: Events): readonly string[] | undefined {
  const filter = query.filter as string | undefined
  if (filter === undefined) return undefined
  const wanted = filter.split(",").map((topic) => topic.trim())
  const stranger = wanted.find((topic) => !topics.includes(topic))
  if (stranger === undefined) return wanted
  const known = topics.join(", ")
  throw badParams(
    "filter",
    `filter names topics, with commas between: ${known}; there is no ${JSON.stringify(stranger)}`,
  )
}

/** The header is what a browser sends when it comes back, with the address that it began with: it is the newer one. */
function lastIdOf({ query, headers }: HttpRequest): number | undefined {
  const header = headers["last-event-id"]
  if (header === undefined || header === "") return query.last_id as number | undefined
  if (/^\d{1,16}$/.test(String(header))) return Number(header)
  throw badParams("last-event-id", `the header Last-Event-ID must be the id of an event, was ${JSON.stringify(header)}`)
}

function badParams(field: string, message: string): VelozError {
  return new VelozError("VELOZ_BAD_PARAMS", message, { status: 400, httpCode: "bad_params", field })
}

function streamsFullError(): VelozError {
  return new VelozError(
    "VELOZ_STREAMS_FULL",
    `${MOST_STREAMS} streams are open, which is as many as there may be: close one`,
    { status: 503, httpCode: "overloaded" },
  )
}
