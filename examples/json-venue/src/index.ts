import { definePlugin } from "veloz"
import { JsonVenue } from "./adapter.js"
import { startControl } from "./control.js"
import { schema } from "./schema.js"

export default definePlugin({
  name: "json-venue",
  version: "1.0.0",
  veloz: "^1.0.0",
  description: "Speaks to a venue in JSON over a WebSocket, a message a frame.",
  schema,
  provides: ["venue"],
  venues: ["json-venue"],
  control: startControl,
  network: (context) => context.venue.register(new JsonVenue(context)),
})
