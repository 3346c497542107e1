import { configurationRoot } from "../config/find.js"
import { HistoryFolder } from "../history/folder.js"
import { engineUrl } from "./engine-client.js"
import type { CliEnvironment } from "./environment.js"

/**
 * Where the engine of a project listens: where the environment says, or else the newest that lives on this machine, by the
 * history of the project, or else where an engine listens that nobody told where to.
 */
export async function findEngine({ cwd, env }: Pick<CliEnvironment, "cwd" | "env">, config?: string): Promise<string> {
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
