import { type MessagePort, parentPort } from "node:worker_threads"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { describedSchema } from "../kernel/plugin-sources.js"
import type { SchemaAnswer, SchemaRequest } from "./schema-reader.js"

// The entry of a thread that evaluates plugins which nobody has switched on: whatever their code does, it ends here.

if (parentPort !== null) listen(parentPort)

function listen(port: MessagePort): void {
  const loader = new PluginLoader({ veloz, "veloz/hot": hot })
  port.once("message", (requests: readonly SchemaRequest[]) => {
    for (const request of requests) port.postMessage(read(request, loader))
    port.close()
  })
}

function read({ specifier, source }: SchemaRequest, loader: PluginLoader): SchemaAnswer {
  try {
    // As text, since a schema may hold what cannot be sent to another thread.
    return { specifier, schema: JSON.stringify(describedSchema(loader.load(source, specifier))) }
  } catch (error) {
    return { specifier, problem: error instanceof Error ? error.message : String(error) }
  }
}
