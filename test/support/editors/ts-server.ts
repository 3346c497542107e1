import { createRequire } from "node:module"
import { type Editor, positionOf } from "./editor.js"
import { FramedProcess } from "./framed-process.js"

interface Answer {
  readonly type: string
  readonly request_seq?: number
  readonly body?: unknown
}

/** TypeScript's own server, as Visual Studio Code runs it. */
export class TsServer implements Editor {
  readonly #process: FramedProcess
  readonly #answers = new Map<number, (answer: Answer) => void>()
  readonly #texts = new Map<string, string>()
  #requests = 0

  constructor(root: string) {
    const program = createRequire(import.meta.url).resolve("typescript/lib/tsserver.js")
    const words = [
      "--disableAutomaticTypingAcquisition",
      "--suppressDiagnosticEvents",
      "--useInferredProjectPerProjectRoot",
    ]
    this.#process = new FramedProcess([process.execPath, program, ...words], root, (message) => {
      const answer = message as Answer
      if (answer.type === "response") this.#answers.get(answer.request_seq!)?.(answer)
    })
  }

  async open(file: string, text: string): Promise<void> {
    this.#texts.set(file, text)
    this.#send("open", { file, fileContent: text })
  }

  async change(file: string, text: string): Promise<void> {
    const end = positionOf(this.#texts.get(file)!, this.#texts.get(file)!.length)
    this.#texts.set(file, text)
    this.#send("change", {
      file,
      line: 1,
      offset: 1,
      endLine: end.line + 1,
      endOffset: end.character + 1,
      insertString: text,
    })
  }

  async completions(file: string, offset: number): Promise<string[]> {
    const found = (await this.#request("completionInfo", this.#at(file, offset))) as Completions | undefined
    return (found?.entries ?? []).map(({ name }) => name.replace(/^"(.*)"$/, "$1"))
  }

  async hover(file: string, offset: number): Promise<string> {
    const found = (await this.#request("quickinfo", this.#at(file, offset))) as Hover | undefined
    if (found === undefined) return ""
    const tags = found.tags.map(({ name, text }) => `@${name} ${text}`)
    return [found.displayString, found.documentation, ...tags].join("\n")
  }

  async problems(file: string): Promise<string[]> {
    const found = (await this.#request("semanticDiagnosticsSync", { file })) as { text: string }[]
    return found.map(({ text }) => text)
  }

  /** It watches the files itself. */
  async fileChanged(): Promise<void> {}

  close(): Promise<void> {
    return this.#process.end()
  }

  #at(file: string, offset: number): object {
    const { line, character } = positionOf(this.#texts.get(file)!, offset)
    return { file, line: line + 1, offset: character + 1 }
  }

  #request(command: string, args: object): Promise<unknown> {
    return new Promise((resolve) => {
      const seq = this.#send(command, args)
      this.#answers.set(seq, ({ body }) => resolve(body))
    })
  }

  #send(command: string, args: object): number {
    const seq = ++this.#requests
    this.#process.write(`${JSON.stringify({ seq, type: "request", command, arguments: args })}\n`)
    return seq
  }
}

interface Completions {
  readonly entries: readonly { readonly name: string }[]
}

interface Hover {
  readonly displayString: string
  readonly documentation: string
  readonly tags: readonly { readonly name: string; readonly text: string }[]
}
