import { spawnSync } from "node:child_process"

/** The words that run a command in a network namespace of its own, in which sysctls can be set and harm nobody. */
export const IN_NAMESPACE: readonly string[] =
  process.geteuid?.() === 0 ? ["unshare", "--net"] : ["unshare", "--map-root-user", "--net"]

/** Why nothing can be run in a network namespace here; undefined when it can. */
export function namespaceObstacle(words: readonly string[] = IN_NAMESPACE): string | undefined {
  if (process.platform !== "linux") return "network namespaces take Linux"
  const [program, ...options] = words
  const { status, error, stderr } = spawnSync(program, [...options, "true"], { encoding: "utf8" })
  if (status === 0) return undefined
  return `${words.join(" ")} does not work here: ${error?.message ?? stderr.trim()}`
}

/** Runs a script of bash in a network namespace, and returns what came of it. */
export function runInNamespace(
  script: string,
  env: Readonly<Record<string, string>> = {},
  words: readonly string[] = IN_NAMESPACE,
  timeout = 120_000,
) {
  const [program, ...options] = words
  const settings = { encoding: "utf8", timeout, env: { ...process.env, ...env } } as const
  const { status, stdout, stderr } = spawnSync(program, [...options, "bash", "-c", script], settings)
  return { status, stdout, stderr }
}
