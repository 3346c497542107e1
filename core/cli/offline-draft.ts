import { Configuration } from "../config/configuration.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { readGround } from "../kernel/claims.js"
import { type Draft, draft } from "../kernel/draft.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import type { CliEnvironment } from "./environment.js"
import { CommandPluginLoader } from "./offline-engine.js"

/** Which configuration a command is about. */
export interface ConfigWish {
  /** Its file; without it, the project's is searched. */
  readonly config?: string
  /** Options by path, as texts: the layer of the command line. */
  readonly args: Readonly<Record<string, string>>
}

export interface OfflineDraft extends Draft {
  readonly loader: CommandPluginLoader
}

/** Reads and judges a configuration as an engine does that starts, or changes from `old`. Starts nothing. */
export async function draftOffline(
  { config: file, args }: ConfigWish,
  { cwd, env }: Pick<CliEnvironment, "cwd" | "env">,
  old?: Draft,
): Promise<OfflineDraft> {
  const loader = new CommandPluginLoader()
  const sources = new PluginSources(loader)
  const modules = { veloz, "veloz/hot": hot }
  const config = await new Configuration({ cwd, file, env, args, schemas: sources, modules }).load()
  const standing = old && { ...old, members: old.candidates }
  return { ...(await draft(config, sources, readGround(), standing)), loader }
}
