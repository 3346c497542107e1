import type { Machine, Privilege } from "../../core/tuning/tunable.js"

/** A machine whose files are texts in memory. What is written is taken, unless a hook or a closed file refuses it. */
export class FakeMachine implements Machine {
  readonly platform = "linux"
  kernel = "6.18.0"
  readonly files = new Map<string, string>()
  readonly privileges = new Set<Privilege>(["root", "CAP_NET_ADMIN"])
  readonly readOnly = new Set<string>()
  /** What the kernel does with a text that is written: another text is kept, a thrown error refuses it. */
  readonly hooks = new Map<string, (text: string, files: Map<string, string>) => string>()
  readonly writes: [path: string, text: string][] = []

  constructor(files: Readonly<Record<string, string>> = {}) {
    for (const [path, text] of Object.entries(files)) this.files.set(path, text)
  }

  has(privilege: Privilege): boolean {
    return this.privileges.has(privilege)
  }

  read(path: string): string {
    const text = this.files.get(path)
    if (text === undefined) throw systemError("ENOENT", path)
    return text
  }

  write(path: string, text: string): void {
    if (!this.files.has(path)) throw systemError("ENOENT", path)
    if (!this.isWritable(path)) throw systemError("EACCES", path)
    this.files.set(path, this.hooks.get(path)?.(text, this.files) ?? text)
    this.writes.push([path, text])
  }

  isWritable(path: string): boolean {
    return this.files.has(path) && !this.readOnly.has(path)
  }

  find(pattern: string): string[] {
    const like = new RegExp(`^${pattern.replaceAll("*", "[^/]*")}$`)
    return [...this.files.keys()].filter((path) => like.test(path))
  }
}

export function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: refused, '${path}'`), { code, path })
}
