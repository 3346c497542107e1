import type { EffectiveConfig } from "../config/effective.js"
import type { OptionSchema } from "../config/schemas.js"
import { EditorFiles, type EditorProject, editorProject, refusedProject } from "./editor-files.js"
import { PluginsWatch } from "./watch-plugins.js"

export interface LiveEditorFilesOptions {
  /** What went wrong, each thing once. */
  onNotice(sentence: string): void
  /** Look for packages and files that come and go while nobody changes the configuration. */
  readonly watch: boolean
}

/**
 * Keeps the files for editors true while an engine runs: behind each change, and when a plugin is installed or a file
 * of plugins/ is saved. Writes one at a time, and never holds up a change.
 */
export class LiveEditorFiles {
  readonly #files = new EditorFiles()
  readonly #closing = new AbortController()
  #project: EditorProject | undefined
  #writing: Promise<void> | undefined
  #isDirty = false
  /** No package and no file has come or gone since they were looked for. */
  #isSeen = false
  #told: string | undefined
  #watch: PluginsWatch | undefined

  constructor(private readonly options: LiveEditorFilesOptions) {}

  /** `config` counts. When another one was refused, the plugins that it names are told of as well. */
  refresh(config: EffectiveConfig | undefined, refused?: ReadonlyMap<string, OptionSchema>): void {
    if (config?.file === undefined || this.#closing.signal.aborted) return
    const project = editorProject(config)
    this.#project = { ...project, schemas: new Map([...project.schemas, ...(refused ?? [])]) }
    this.#touch()
  }

  /** The first configuration was refused: there will be no engine, but an author who mends the file. */
  async refuse(file: string, error: unknown): Promise<void> {
    this.#project = refusedProject(file, error)
    this.#touch()
    await this.#writing
  }

  #touch(): void {
    if (this.#project === undefined || this.#closing.signal.aborted) return
    this.#isDirty = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
    if (!this.options.watch) return
    this.#watch ??= new PluginsWatch(this.#project.root, () => {
      this.#isSeen = false
      this.#touch()
    })
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#watch?.close()
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#isDirty && !this.#closing.signal.aborted) {
      this.#isDirty = false
      const isAsBefore = this.#isSeen
      this.#isSeen = this.#watch?.isReliable ?? false
      const notice = await this.#files.write(this.#project!, { signal: this.#closing.signal, isAsBefore })
      if (notice !== undefined && notice !== this.#told) this.options.onNotice(notice)
      this.#told = notice
    }
  }
}
