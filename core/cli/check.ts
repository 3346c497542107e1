import { relative } from "node:path"
import { ConfigError, type Diagnostic, formatDiagnostic, formatDiagnostics, toJson } from "../config/diagnostic.js"
import { configurationFile } from "../config/find.js"
import { EditorFiles, editorProject, refusedProject } from "../editors/editor-files.js"
import type { Log } from "../kernel/contract.js"
import { VelozError } from "../kernel/errors.js"
import { objection } from "../kernel/objection.js"
import type { CliEnvironment } from "./environment.js"
import { draftOffline, type OfflineDraft } from "./offline-draft.js"
import { composePipeline } from "./offline-pipeline.js"

export interface CheckOptions {
  /** The files to check; the project's own where none is named. */
  readonly files: readonly string[]
  readonly args: Readonly<Record<string, string>>
  readonly json: boolean
  readonly log: Log
}

/** What is wrong with one configuration, and what its author should know. */
interface Verdict {
  /** Null where there is none: then the defaults count. */
  readonly file: string | null
  readonly ok: boolean
  readonly problems: readonly Diagnostic[]
  readonly notices: readonly Diagnostic[]
  /** Plugins that are on. */
  readonly plugins: readonly string[]
}

/** Says whether an engine would take configurations, and if not, everything that is wrong. Returns the exit code. */
export async function check(options: CheckOptions, environment: CliEnvironment): Promise<number> {
  const { cwd, stdout } = environment
  const files = options.files.length > 0 ? options.files : [undefined]
  const verdicts: Verdict[] = []
  for (const file of files) verdicts.push(await judge(file, options, environment))
  const ok = verdicts.every((verdict) => verdict.ok)
  if (options.json) stdout.write(`${JSON.stringify({ ok, files: verdicts.map(asJson) }, null, 2)}\n`)
  else stdout.write(`${verdicts.map((verdict) => describe(verdict, cwd)).join("\n\n")}\n`)
  return ok ? 0 : 1
}

/** `wish` is a file; without, the project's own is searched. */
async function judge(
  wish: string | undefined,
  { args, log }: CheckOptions,
  environment: CliEnvironment,
): Promise<Verdict> {
  let draft: OfflineDraft | undefined
  let problems: readonly Diagnostic[] = []
  let failure: unknown
  try {
    draft = await draftOffline({ config: wish, args, log }, environment)
    if (draft.problems.length > 0) throw new ConfigError(draft.problems, draft.config.files)
    await composePipeline(draft, log)
  } catch (error) {
    failure = error
    problems = problemsOf(error, draft)
  }
  const file = await configurationFile(environment.cwd, wish)
  if (file !== undefined) {
    const project = draft === undefined ? refusedProject(file, failure) : editorProject(draft.config)
    const notice = await new EditorFiles().write(project, { signal: environment.signal })
    if (notice !== undefined) log.warn(notice)
  }
  const notices = draft?.config.notices ?? []
  const plugins = draft?.candidates.map(({ name }) => name) ?? []
  return { file: file ?? null, ok: problems.length === 0, problems, notices, plugins }
}

function problemsOf(error: unknown, draft: OfflineDraft | undefined): readonly Diagnostic[] {
  if (error instanceof ConfigError) return error.diagnostics
  if (!(error instanceof VelozError)) throw error
  if (draft !== undefined) return [objection(error, draft.config)]
  return [{ code: error.code, message: error.message, path: "" }]
}

function describe({ file, ok, problems, notices, plugins }: Verdict, cwd: string): string {
  const name = file === null ? "the defaults (there is no configuration file)" : relative(cwd, file)
  const told = notices.map((notice) => formatDiagnostic(notice, cwd))
  if (!ok) return [`${name} is refused`, formatDiagnostics(problems, cwd), ...told].join("\n\n")
  return [`${name}: fine, ${plugins.length} plugins are on`, ...told].join("\n\n")
}

function asJson(verdict: Verdict): Verdict {
  return { ...verdict, problems: verdict.problems.map(toJson), notices: verdict.notices.map(toJson) }
}
