import { ENGINE_CHECKS } from "../doctor/engine-checks.js"
import { readEngineView } from "../doctor/engine-view.js"
import { type Finding, findAll } from "../doctor/finding.js"
import { MACHINE_CHECKS } from "../doctor/machine-checks.js"
import { readMachineView } from "../doctor/machine-view.js"
import { VelozError } from "../kernel/errors.js"
import type { CliEnvironment } from "./environment.js"
import { findEngine } from "./find-engine.js"

export interface DoctorOptions {
  /** The engine to look at; without, the one of this project or that VELOZ_PORT says, if it runs. */
  readonly url: string | undefined
  readonly json: boolean
}

/**
 * Looks at this machine and at the running engine for what keeps tuning from its effect. Returns 0 when there is no problem,
 * and 2 when there is one.
 */
export async function doctor({ url, json }: DoctorOptions, environment: CliEnvironment): Promise<number> {
  const { stdout } = environment
  const engine = await lookAtEngine(url, environment)
  const machine = findAll(MACHINE_CHECKS, readMachineView(NOISE_MS))
  const findings = [...machine, ...engine.findings]
  if (json) stdout.write(`${JSON.stringify({ engine: engine.url, findings }, null, 2)}\n`)
  else stdout.write(describe(findings, engine.url))
  return findings.some(({ kind }) => kind === "problem") ? 2 : 0
}

const NOISE_MS = 1000
/** An engine that nobody has named is not waited for long. */
const PATIENCE_MS = 2000

async function lookAtEngine(
  url: string | undefined,
  environment: CliEnvironment,
): Promise<{ url: string | null; findings: Finding[] }> {
  const client = await findEngine(environment, { url, patienceMs: PATIENCE_MS })
  try {
    const view = await readEngineView((path, member) => client.get(path, member))
    return { url: client.url, findings: findAll(ENGINE_CHECKS, view) }
  } catch (error) {
    if (url === undefined && error instanceof VelozError && error.code === "VELOZ_ENGINE_AWAY") {
      return { url: null, findings: [] }
    }
    throw error
  }
}

function describe(findings: readonly Finding[], url: string | null): string {
  const about = url === null ? "this machine; no engine runs (say --url where one does)" : `this machine, and ${url}`
  const texts = findings.map(({ id, kind, seen, means, mend }) =>
    [
      `${kind === "problem" ? "!" : "-"} ${id}: ${seen}`,
      `    ${means}`,
      ...(mend === null ? [] : [`    mend: ${mend}`]),
    ].join("\n"),
  )
  const problems = findings.filter(({ kind }) => kind === "problem").length
  const end = problems === 0 ? "no problem" : problems === 1 ? "one problem" : `${problems} problems`
  return `${[`looked at ${about}`, ...texts, end].join("\n\n")}\n`
}
