import { configurationRoot } from "../config/find.js"
import { HistoryFolder } from "../history/folder.js"
import { EngineClient, engineUrl } from "./engine-client.js"
import type { CliEnvironment } from "./environment.js"

export interface EngineWish {
  /** Where the engine listens, for who knows it. */
  readonly url?: string | undefined
  /** The configuration file of its project; without, that of this folder. */
  readonly config?: string | undefined
  /** How long an answer may take; without, as long as a client waits for one. */
  readonly patienceMs?: number | undefined
}

/** The way to the engine that is meant: it may not run. */
export async function findEngine(environment: CliEnvironment, wish: EngineWish = {}): Promise<EngineClient> {
  const { env, signal } = environment
  const url = wish.url ?? (await urlOf(environment, wish.config))
  return new EngineClient(url, env.VELOZ_API_TOKEN || undefined, signal, wish.patienceMs)
}

/**
 * Where the engine of a project listens: where the environment says, or else the newest that lives on this machine, by the
 * history of the project, or else where an engine listens that nobody told where to.
 */
async function urlOf({ cwd, env }: CliEnvironment, config: string | undefined): Promise<string> {
  if (Number(env.VELOZ_PORT) > 0) return engineUrl(env)
  const root = await configurationRoot(cwd, config).catch(() => undefined)
  const running = root === undefined ? undefined : await runningUrl(new HistoryFolder(root))
  return running ?? engineUrl(env)
}

async function runningUrl(history: HistoryFolder): Promise<string | undefined> {
  for (const number of (await history.numbers().catch(() => [])).slice(0, 100)) {
    const attempt = await history.read(number).catch(() => undefined)
    if (attempt?.engine.url && isRunning(attempt.engine.pid)) {
      const { hostname, port } = new URL(attempt.engine.url)
      return engineUrl({ VELOZ_HOST: hostname.replace(/^\[|\]$/g, ""), VELOZ_PORT: port })
    }
  }
  return undefined
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"
  }
}
