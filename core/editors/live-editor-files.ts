import { join } from "node:path"
import { type FSWatcher, watch } from "chokidar"
import type { EffectiveConfig } from "../config/effective.js"
import type { OptionSchema } from "../config/schemas.js"
import { EditorFiles, type EditorProject, editorProject } from "./editor-files.js"
import { packageFolders } from "./find-plugins.js"

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
  #told: string | undefined
  #watcher: FSWatcher | undefined
  #debounce: NodeJS.Timeout | undefined

  constructor(private readonly options: LiveEditorFilesOptions) {}

  /** `config` counts. When another one was refused, the plugins that it names are told of as well. */
  refresh(config: EffectiveConfig | undefined, refused?: ReadonlyMap<string, OptionSchema>): void {
    if (config?.file === undefined || this.#closing.signal.aborted) return
    const project = editorProject(config)
    this.#project = { ...project, schemas: new Map([...project.schemas, ...(refused ?? [])]) }
    this.#touch()
  }

  #touch(): void {
    if (this.#project === undefined || this.#closing.signal.aborted) return
    this.#isDirty = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
    if (this.options.watch) this.#watcher ??= this.#watch(this.#project.root)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#debounce)
    await this.#watcher?.close()
    await this.#writing
  }

  async #write(): Promise<void> {
    while (this.#isDirty && !this.#closing.signal.aborted) {
      this.#isDirty = false
      const notice = await this.#files.write(this.#project!, this.#closing.signal)
      if (notice !== undefined && notice !== this.#told) this.options.onNotice(notice)
      this.#told = notice
    }
  }

  #watch(root: string): FSWatcher {
    const folders = packageFolders(root)
    const lists = folders.flatMap((folder) => INSTALLED.map((name) => join(folder, name)))
    const wanted = new Set([root, join(root, "package.json"), join(root, "node_modules"), ...lists])
    const plugins = join(root, "plugins")
    const isOfPlugins = (path: string): boolean => path === plugins || PLUGIN_FILE.test(path.slice(plugins.length))
    const isWanted = (path: string): boolean => {
      return wanted.has(path) || (path.startsWith(plugins) && isOfPlugins(path))
    }
    // From the folder itself, so that plugins/ and node_modules/ may come later.
    const watcher = watch([root, ...lists], { ignoreInitial: true, depth: 3, ignored: (path) => !isWanted(path) })
    watcher.on("all", () => {
      clearTimeout(this.#debounce)
      this.#debounce = setTimeout(() => this.#touch(), DEBOUNCE_MS)
    })
    // Whoever cannot be watched is looked at with the next change of the configuration.
    watcher.on("error", () => undefined)
    return watcher
  }
}

const DEBOUNCE_MS = 100
/** What npm, pnpm and yarn write into node_modules when they are done. */
const INSTALLED = [".package-lock.json", ".modules.yaml", ".yarn-state.yml", ".yarn-integrity"]
/** A file of plugins/, a folder there, or a file in such a folder. */
const PLUGIN_FILE = /^\/(?!node_modules)[^/]+(\/[^/]+)?$/
