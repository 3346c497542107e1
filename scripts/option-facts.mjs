// What editors say of an option, from core/editors/option-facts.ts: the generators need it before anything is built.
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const entry = fileURLToPath(new URL("../core/editors/option-facts.ts", import.meta.url))
const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
})
const code = Buffer.from(outputFiles[0].contents).toString("base64")

export const { optionFacts, RELOAD_WORDS } = await import(`data:text/javascript;base64,${code}`)
