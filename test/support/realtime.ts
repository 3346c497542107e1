import { spawnSync } from "node:child_process"

/** Why no thread can have a real-time policy here, if so. Some control groups forbid it to root as well. */
export function realtimeObstacle(): string | undefined {
  if (process.platform !== "linux") return "real-time policies are Linux's"
  const { status, stderr, error } = spawnSync("chrt", ["-f", "5", "true"], { encoding: "utf8" })
  if (error !== undefined) return "there is no chrt (util-linux)"
  return status === 0 ? undefined : `this user or control group may not have a real-time policy (${stderr.trim()})`
}
