import { relative } from "node:path"
import { Configuration } from "../config/configuration.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { readGround } from "../kernel/claims.js"
import { CodeTrial } from "../kernel/code-trial.js"
import type { Log } from "../kernel/contract.js"
import { type Draft, draft } from "../kernel/draft.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { Trial } from "../kernel/trial.js"
import type { CliEnvironment } from "./environment.js"
import { CommandPluginLoader } from "./offline-engine.js"

/** Which configuration a command is about. */
export interface ConfigWish {
  /** Its file; without it, the project's is searched. */
  readonly config?: string
  /** Options by path, as texts: the layer of the command line. */
  readonly args: Readonly<Record<string, string>>
  readonly log: Log
}

export interface OfflineDraft extends Draft {
  readonly loader: CommandPluginLoader
  readonly trial: CodeTrial
}

/** Reads and judges a configuration as an engine does that starts, or changes from `old`. Starts nothing. */
export async function draftOffline(
  { config: file, args, log }: ConfigWish,
  { cwd, env }: Pick<CliEnvironment, "cwd" | "env">,
  old?: Draft,
): Promise<OfflineDraft> {
  thread ??= new Trial()
  const trial = new CodeTrial({ cwd, env: { ...env } }, (notice) => log.warn(notice), thread)
  const loader = new CommandPluginLoader()
  const sources = new PluginSources(loader, (what, script) => trial.script(what, script))
  const configuration = new Configuration({
    cwd,
    file,
    env,
    args,
    schemas: sources,
    modules: { veloz, "veloz/hot": hot },
    trial: (script) => trial.script(relative(cwd, script.entry), script),
  })
  const config = await configuration.load()
  const drafted = await draft(config, sources, readGround(), old && { ...old, members: old.candidates }, trial)
  return { ...drafted, loader, trial }
}

/** All that one process tries is tried on one thread, which keeps nobody from ending. */
let thread: Trial | undefined
