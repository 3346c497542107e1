import { pathToFileURL } from "node:url"
import { type Editor, positionOf } from "./editor.js"
import { FramedProcess } from "./framed-process.js"

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: Record<string, unknown>
  readonly result?: unknown
  readonly error?: { readonly message: string }
}

export interface LanguageServerOptions {
  readonly command: readonly string[]
  readonly root: string
  readonly languageId: string
  /** What the server is answered when it asks for its settings. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** A server of the Language Server Protocol. */
export class LanguageServer implements Editor {
  readonly #options: LanguageServerOptions
  readonly #process: FramedProcess
  readonly #answers = new Map<number, (message: Message) => void>()
  readonly #texts = new Map<string, string>()
  readonly #pushed = new Map<string, readonly { message: string }[]>()
  #isPull = false
  #version = 0
  #requests = 0

  private constructor(options: LanguageServerOptions) {
    this.#options = options
    this.#process = new FramedProcess(options.command, options.root, (message) => this.#receive(message as Message))
  }

  static async start(options: LanguageServerOptions): Promise<LanguageServer> {
    const server = new LanguageServer(options)
    await server.#initialize()
    return server
  }

  async open(file: string, text: string): Promise<void> {
    this.#texts.set(file, text)
    const { languageId } = this.#options
    this.#notify("textDocument/didOpen", {
      textDocument: { uri: uriOf(file), languageId, version: ++this.#version, text },
    })
  }

  async change(file: string, text: string): Promise<void> {
    this.#texts.set(file, text)
    const textDocument = { uri: uriOf(file), version: ++this.#version }
    this.#pushed.delete(uriOf(file))
    this.#notify("textDocument/didChange", { textDocument, contentChanges: [{ text }] })
  }

  async completions(file: string, offset: number): Promise<string[]> {
    const found = (await this.#request("textDocument/completion", this.#at(file, offset))) as Completions
    const items = found !== null && "items" in found ? found.items : (found ?? [])
    // The native server marks optional members.
    return items.map(({ label }) => label.replace(/\?$/, ""))
  }

  async hover(file: string, offset: number): Promise<string> {
    const found = (await this.#request("textDocument/hover", this.#at(file, offset))) as Hover
    const contents = found?.contents ?? ""
    return typeof contents === "string" ? contents : contents.value
  }

  async problems(file: string): Promise<string[]> {
    const uri = uriOf(file)
    const found = this.#isPull
      ? ((await this.#request("textDocument/diagnostic", { textDocument: { uri } })) as Diagnostics).items
      : await this.#pushedTo(uri)
    return found.map(({ message }) => message)
  }

  async fileChanged(file: string): Promise<void> {
    this.#notify("workspace/didChangeWatchedFiles", { changes: [{ uri: uriOf(file), type: 2 }] })
  }

  close(): Promise<void> {
    return this.#process.end()
  }

  async #initialize(): Promise<void> {
    const uri = pathToFileURL(this.#options.root).href
    const answer = (await this.#request("initialize", {
      processId: process.pid,
      rootUri: uri,
      workspaceFolders: [{ uri, name: "project" }],
      capabilities: CAPABILITIES,
    })) as { capabilities: { diagnosticProvider?: unknown } }
    this.#isPull = answer.capabilities.diagnosticProvider !== undefined
    this.#notify("initialized", {})
    this.#notify("workspace/didChangeConfiguration", { settings: this.#options.settings ?? {} })
  }

  #at(file: string, offset: number): object {
    return { textDocument: { uri: uriOf(file) }, position: positionOf(this.#texts.get(file)!, offset) }
  }

  async #pushedTo(uri: string): Promise<readonly { message: string }[]> {
    for (let attempt = 0; attempt < 200 && !this.#pushed.has(uri); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    return this.#pushed.get(uri) ?? []
  }

  #request(method: string, params: object): Promise<unknown> {
    const id = ++this.#requests
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result)
        else reject(new Error(`${method}: ${error.message}`))
      })
      this.#send({ id, method, params })
    })
  }

  #notify(method: string, params: object): void {
    this.#send({ method, params })
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message })
    this.#process.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  #receive(message: Message): void {
    const { id, method, params } = message
    if (method === undefined) this.#answers.get(id as number)?.(message)
    else if (id !== undefined) this.#send({ id, result: this.#answer(method, params) })
    else if (method === "textDocument/publishDiagnostics") {
      this.#pushed.set(params?.uri as string, params?.diagnostics as { message: string }[])
    }
  }

  /** What the server asks of its editor. */
  #answer(method: string, params: Record<string, unknown> | undefined): unknown {
    if (method !== "workspace/configuration") return null
    const sections = params?.items as { section: string }[]
    return sections.map(({ section }) => this.#options.settings?.[section] ?? null)
  }
}

type Completions = readonly { label: string }[] | { items: readonly { label: string }[] } | null
type Hover = { contents: string | { value: string } } | null
type Diagnostics = { items: readonly { message: string }[] }

const CAPABILITIES = {
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  textDocument: {
    completion: { completionItem: { documentationFormat: ["markdown"] } },
    hover: { contentFormat: ["markdown"] },
    diagnostic: {},
  },
}

function uriOf(file: string): string {
  return pathToFileURL(file).href
}
