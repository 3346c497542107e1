/** JSON, a line a value, in few large writes. Waits when the reader is slow; a reader that has left is no error. */
export class LineWriter {
  #lines: string[] = []
  #isClosed = false

  constructor(private readonly stream: NodeJS.WritableStream) {}

  /** The reader wants no more, as `head` does after its lines. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  write(value: object): void {
    this.#lines.push(JSON.stringify(value))
  }

  async flush(): Promise<void> {
    const lines = this.#lines
    this.#lines = []
    if (lines.length === 0 || this.#isClosed) return
    await new Promise<void>((resolve, reject) => {
      // A broken pipe is told to the callback and, where nobody listens, thrown: so somebody listens.
      const ignore = (): void => undefined
      this.stream.on("error", ignore)
      this.stream.write(`${lines.join("\n")}\n`, (error) => {
        setImmediate(() => this.stream.off("error", ignore))
        if (error === null || error === undefined) return resolve()
        if ((error as NodeJS.ErrnoException).code !== "EPIPE") return reject(error)
        this.#isClosed = true
        resolve()
      })
    })
  }
}
