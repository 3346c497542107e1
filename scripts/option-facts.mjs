// What is said of an option in editors and in the documentation, from the sources: it is needed before anything is built.
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const contents = `
export * from "./editors/option-facts.ts"
export { describeShape } from "./config/describe.ts"
export { venueKindsOf, withVenueKinds } from "./config/venue-kinds.ts"
`
const { outputFiles } = await build({
  stdin: { contents, resolveDir: fileURLToPath(new URL("../core/", import.meta.url)) },
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
})
const code = Buffer.from(outputFiles[0].contents).toString("base64")

export const { describeShape, optionFacts, RELOAD_WORDS, venueKindsOf, withVenueKinds } = await import(
  `data:text/javascript;base64,${code}`
)
