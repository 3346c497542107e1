import { join } from "node:path"
import { type FSWatcher, watch } from "chokidar"
import { packageFolders } from "./find-plugins.js"

/** Sees plugins come, change and go that nobody may have switched on: what is installed, and the files of plugins/. */
export class PluginsWatch {
  readonly #watcher: FSWatcher
  #debounce: NodeJS.Timeout | undefined
  #isReliable = false

  constructor(root: string, onChange: () => void) {
    const lists = packageFolders(root).flatMap((folder) => INSTALLED.map((name) => join(folder, name)))
    const plugins = join(root, "plugins")
    const wanted = new Set([root, join(root, "package.json"), join(root, "node_modules"), plugins, ...lists])
    const isOfPlugins = (path: string): boolean => {
      return path.startsWith(plugins) && PLUGIN_FILE.test(path.slice(plugins.length))
    }
    // From the folder itself, so that plugins/ and node_modules/ may come later.
    this.#watcher = watch([root, ...lists], {
      ignoreInitial: true,
      depth: 3,
      ignored: (path) => !wanted.has(path) && !isOfPlugins(path),
    })
    this.#watcher.on("ready", () => {
      this.#isReliable = true
    })
    this.#watcher.on("error", () => {
      this.#isReliable = false
    })
    this.#watcher.on("all", () => {
      clearTimeout(this.#debounce)
      this.#debounce = setTimeout(onChange, DEBOUNCE_MS)
    })
  }

  /** From now on no change goes unseen. */
  get isReliable(): boolean {
    return this.#isReliable
  }

  async close(): Promise<void> {
    clearTimeout(this.#debounce)
    await this.#watcher.close()
  }
}

const DEBOUNCE_MS = 100
/** What npm, pnpm and yarn write into node_modules when they are done. */
const INSTALLED = [".package-lock.json", ".modules.yaml", ".yarn-state.yml", ".yarn-integrity"]
/** A file of plugins/, a folder there, or a file in such a folder. */
const PLUGIN_FILE = /^\/(?!node_modules)[^/]+(\/[^/]+)?$/
