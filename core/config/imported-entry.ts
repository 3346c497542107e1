import { build } from "esbuild"

/**
 * The file that `import` of a package reads now. Node's own resolver answers for `require` alone, and as it did the first
 * time, whatever has been installed since.
 */
export async function importedEntry(name: string, folder: string): Promise<string | undefined> {
  let entry: string | undefined
  await build({
    stdin: { contents: `import ${JSON.stringify(name)}`, resolveDir: folder },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    logLevel: "silent",
    plugins: [
      {
        name: "veloz-imported-entry",
        setup: (build) => {
          build.onResolve({ filter: /.*/ }, async ({ path, resolveDir, kind, pluginData }) => {
            if (pluginData === SEEN || kind === "entry-point") return undefined
            const found = await build.resolve(path, { resolveDir, kind, pluginData: SEEN })
            if (found.errors.length === 0) entry = found.path
            return { path, external: true }
          })
        },
      },
    ],
  })
  return entry
}

const SEEN = Symbol("resolved once")
