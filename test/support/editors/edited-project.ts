import { symlinkSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { EditorFiles } from "../../../core/editors/editor-files.js"
import { type Project, project } from "../../core/config/project.js"
import { LanguageServer } from "./language-server.js"
import { TsServer } from "./ts-server.js"

const require = createRequire(import.meta.url)

/** A project with a plugin from a package, one in a file, and a venue in another, none of which its configuration names. */
export async function editedProject(): Promise<Project> {
  const made = project({
    "node_modules/veloz-plugin-spread/package.json": {
      name: "veloz-plugin-spread",
      version: "1.0.0",
      type: "module",
      main: "index.js",
      keywords: ["veloz-plugin"],
    },
    "node_modules/veloz-plugin-spread/index.js": pluginSource("spread_bps"),
    "plugins/max-notional.ts": pluginSource("max"),
    "plugins/desk-venue.ts": pluginSource("url", `provides: ["venue"], venues: ["desk"]`),
  })
  symlinkSync(process.cwd(), made.path("node_modules/veloz"))
  await new EditorFiles().write({ root: made.folder })
  return made
}

export function pluginSource(option: string, more = ""): string {
  return `import { definePlugin } from "veloz"
export default definePlugin({ name: "made-for-a-test", version: "1.0.0", veloz: "^1.0.0", ${more && `${more}, `}schema: {
  type: "object",
  description: "Made for a test.",
  properties: {
    ${option}: { description: "How much.", type: "number", default: 5, minimum: 0, maximum: 100, "x-veloz-unit": "bps" },
  },
} })
`
}

/** What serves TypeScript and JavaScript: the server of the classic compiler, and that of the native one. */
export const TYPESCRIPT_SERVERS = {
  "tsserver of TypeScript 6": async (root: string) => new TsServer(root),
  "language server of TypeScript 7": (root: string) => {
    const program = join(dirname(require.resolve("typescript-native/package.json")), "bin/tsc")
    return LanguageServer.start({
      command: [process.execPath, program, "--lsp", "--stdio"],
      root,
      languageId: "typescript",
    })
  },
}

export function yamlServer(root: string): Promise<LanguageServer> {
  const program = join(dirname(require.resolve("yaml-language-server/package.json")), "bin/yaml-language-server")
  const yaml = { validate: true, hover: true, completion: true, schemaStore: { enable: false } }
  const command = [process.execPath, program, "--stdio"]
  return LanguageServer.start({ command, root, languageId: "yaml", settings: { yaml } })
}
