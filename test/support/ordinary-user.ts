import { spawnSync } from "node:child_process"

const USER = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
/** Less than anything that could be locked. */
const LIMITS = ["prlimit", "--memlock=65536:65536"]

/** The words that run a command as a user with no privilege at all, and little memory to lock. It takes root. */
export const AS_ORDINARY_USER: readonly string[] = [...LIMITS, ...USER]

/** Why a file cannot be run by such a user here, if so. */
export function ordinaryUserObstacle(file: string): string | undefined {
  if (process.getuid?.() !== 0) return "it takes root, to become an ordinary user"
  const [program, ...words] = AS_ORDINARY_USER
  const { error, status } = spawnSync(program, [...words, "test", "-r", file])
  if (error !== undefined) return "there is no prlimit or setpriv (util-linux)"
  return status === 0 ? undefined : `an ordinary user cannot read ${file}`
}
