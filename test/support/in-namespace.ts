import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { IN_NAMESPACE, namespaceObstacle } from "./namespace.js"
import { testUnless } from "./skip.js"

/**
 * Declares the tests of a file in a network namespace of their own, in which loopback is up: the file is run again in there,
 * and its tests are declared there alone. Where there are no namespaces they are skipped, as one, with the reason.
 */
export function inNamespace(url: string, declare: () => void): void {
  if (process.env[MARK] !== undefined) return declare()
  const obstacle = namespaceObstacle()
  if (obstacle !== undefined) return testUnless(obstacle)("all of this file", () => undefined)
  const script = `ip link set lo up && exec ${process.execPath} ${fileURLToPath(url)}`
  const [program, ...words] = [...IN_NAMESPACE, "bash", "-c", script]
  const { status } = spawnSync(program, words, { stdio: "inherit", env: { ...process.env, [MARK]: "1" } })
  process.exit(status ?? 1)
}

const MARK = "VELOZ_TEST_IN_NAMESPACE"
