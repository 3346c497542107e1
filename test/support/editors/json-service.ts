import { readFile } from "node:fs/promises"
import { fileURLToPath, pathToFileURL } from "node:url"
import json, { type MarkedString, type MarkupContent, type TextDocument } from "vscode-json-languageservice"
import { type Editor, positionOf } from "./editor.js"

/** The service behind JSON files in Visual Studio Code and others; it runs in the calling process. */
export class JsonService implements Editor {
  readonly #service = json.getLanguageService({
    schemaRequestService: (uri) => readFile(fileURLToPath(uri), "utf8"),
    workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
  })
  readonly #texts = new Map<string, string>()

  async open(file: string, text: string): Promise<void> {
    this.#texts.set(file, text)
  }

  change(file: string, text: string): Promise<void> {
    return this.open(file, text)
  }

  async completions(file: string, offset: number): Promise<string[]> {
    const document = this.#document(file)
    const tree = this.#service.parseJSONDocument(document)
    const found = await this.#service.doComplete(document, this.#position(file, offset), tree)
    return (found?.items ?? []).map(({ label }) => label.replace(/^"(.*)"$/, "$1"))
  }

  async hover(file: string, offset: number): Promise<string> {
    const document = this.#document(file)
    const tree = this.#service.parseJSONDocument(document)
    const found = await this.#service.doHover(document, this.#position(file, offset), tree)
    return [found?.contents ?? []].flat().map(textOf).join("\n")
  }

  async problems(file: string): Promise<string[]> {
    const document = this.#document(file)
    const found = await this.#service.doValidation(document, this.#service.parseJSONDocument(document))
    return found.map(({ message }) => textOf(message))
  }

  async fileChanged(file: string): Promise<void> {
    this.#service.resetSchema(pathToFileURL(file).href)
  }

  async close(): Promise<void> {}

  #document(file: string): TextDocument {
    return json.TextDocument.create(pathToFileURL(file).href, "json", 1, this.#texts.get(file)!)
  }

  #position(file: string, offset: number) {
    return positionOf(this.#texts.get(file)!, offset)
  }
}

function textOf(contents: MarkedString | MarkupContent): string {
  return typeof contents === "string" ? contents : contents.value
}
