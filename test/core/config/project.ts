import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Configuration, type ConfigurationOptions } from "../../../core/config/configuration.js"
import { defineConfig, definePreset } from "../../../core/config/define.js"
import { ConfigError, type Diagnostic } from "../../../core/config/diagnostic.js"

/** A folder with files, as a user has it. Removed when the process ends. */
export interface Project {
  readonly folder: string
  path(name: string): string
  write(name: string, content: string | object): string
  configuration(options?: Partial<ConfigurationOptions>): Configuration
}

export function project(files: Readonly<Record<string, string | object>> = {}): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "veloz-config-")))
  folders.push(folder)
  const made: Project = {
    folder,
    path: (name) => join(folder, name),
    write: (name, content) => {
      const file = join(folder, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content, null, 2))
      return file
    },
    configuration: (options = {}) =>
      new Configuration({ cwd: folder, env: {}, schemas: NO_PLUGINS, modules: MODULES, ...options }),
  }
  made.write("package.json", { name: "project" })
  for (const [name, content] of Object.entries(files)) made.write(name, content)
  return made
}

const folders: string[] = []
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** What is wrong; fails when nothing is. */
export async function problemsOf(loading: Promise<unknown>): Promise<readonly Diagnostic[]> {
  try {
    await loading
  } catch (error) {
    if (error instanceof ConfigError) return error.diagnostics
    throw error
  }
  throw new Error("the configuration was accepted")
}

/** The one thing that is wrong. */
export async function problemOf(loading: Promise<unknown>): Promise<Diagnostic> {
  const problems = await problemsOf(loading)
  if (problems.length !== 1) throw new Error(`expected one problem:\n${problems.map((p) => p.message).join("\n")}`)
  return problems[0]
}

/** A marked plugin as definePlugin makes it. */
export function pluginValue(name: string, schema?: object) {
  const plugin = Object.assign(
    (options: object = {}) => ({ kind: "veloz-configured-plugin" as const, plugin, options }),
    {
      kind: "veloz-plugin" as const,
      definition: { name, schema },
    },
  )
  return plugin
}

export const MODULES = { veloz: { defineConfig, definePreset } }

const NO_PLUGINS = {
  schemaOf: async (specifier: string) => {
    // The engine's schemas may be newer than the ones that are shipped so far.
    if (specifier === "sim-exchange") return null
    throw new Error("there is no such plugin")
  },
}
