import { type ClientRequest, get, type IncomingMessage } from "node:http"

export interface ReadEvent {
  id: number | undefined
  type: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever came
  data: any
}

/** Reads server-sent events as a browser does: by node's own client, so that the test sees how the connection ends. */
export class EventReader {
  readonly events: ReadEvent[] = []
  /** Lines that a browser passes over. */
  readonly comments: string[] = []
  /** How the answer ended: by its server, or cut off. Undefined while it goes on. */
  ending: "ended" | "cut" | undefined
  #rest = ""

  private constructor(
    private readonly request: ClientRequest,
    readonly response: IncomingMessage,
  ) {
    response.setEncoding("utf8").on("data", (text: string) => this.#take(text))
    response.on("end", () => {
      this.ending ??= "ended"
    })
    response.on("error", () => {
      this.ending ??= "cut"
    })
  }

  static open(port: number, query = "", headers: Record<string, string> = {}): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port, path: `/api/stream${query}`, headers, agent: false } as const
      const request = get(options, (response) => resolve(new EventReader(request, response)))
      request.on("error", reject)
    })
  }

  get lastId(): number | undefined {
    return this.events.findLast(({ id }) => id !== undefined)?.id
  }

  types(): string[] {
    return this.events.map(({ type }) => type)
  }

  /** Waits for an event of a type that has come, or comes, and takes those before it off. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever came
  async next(type: string, is: (data: any) => boolean = () => true): Promise<any> {
    const index = await this.until(`an event ${type}`, () => {
      const found = this.events.findIndex((event) => event.type === type && is(event.data))
      return found === -1 ? undefined : found
    })
    return this.events.splice(0, index + 1).at(-1)!.data
  }

  async until<T>(what: string, read: () => T | undefined | false): Promise<T> {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
      const value = read()
      if (value !== undefined && value !== false) return value
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    throw new Error(`it did not come true in ten seconds: ${what}; there were ${this.types().slice(-20).join(", ")}`)
  }

  close(): void {
    this.request.destroy()
  }

  #take(text: string): void {
    const blocks = (this.#rest + text).split("\n\n")
    this.#rest = blocks.pop()!
    for (const block of blocks) this.#takeBlock(block.split("\n"))
  }

  #takeBlock(lines: string[]): void {
    const fields = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(": ")
      if (line.startsWith(":")) this.comments.push(line)
      else fields.set(line.slice(0, colon), line.slice(colon + 2))
    }
    const [id, data] = [fields.get("id"), fields.get("data")]
    if (data === undefined) return
    this.events.push({
      id: id === undefined ? undefined : Number(id),
      type: fields.get("event")!,
      data: JSON.parse(data),
    })
  }
}
