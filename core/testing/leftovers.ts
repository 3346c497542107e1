// What the resources of a process are called by Node, and by people. What comes and goes by itself, as requests of the
// file system do, is left out.
const KINDS: Readonly<Record<string, string>> = {
  Timeout: "timer",
  Immediate: "immediate",
  TCPSocketWrap: "socket",
  TCPServerWrap: "server",
  TLSWrap: "socket",
  UDPWrap: "socket",
  PipeWrap: "pipe",
  PipeServerWrap: "server",
  FSEventWrap: "file watcher",
  StatWatcher: "file watcher",
  ProcessWrap: "child process",
  MessagePort: "thread or message port",
  SignalWrap: "signal listener",
}

const ATTEMPTS = 50
const ATTEMPT_MS = 10

/** What of the process was opened since this was made, and is still there. */
export class Leftovers {
  readonly #before = count()

  /** In words, such as "1 timer". What is closing gets half a second. */
  async left(): Promise<string[]> {
    for (let attempt = 0; attempt < ATTEMPTS && this.#now().length > 0; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MS))
    }
    return this.#now()
  }

  #now(): string[] {
    return [...count()].flatMap(([kind, number]) => {
      const more = number - (this.#before.get(kind) ?? 0)
      return more > 0 ? [`${more} ${kind}${more === 1 ? "" : "s"}`] : []
    })
  }
}

function count(): Map<string, number> {
  const counts = new Map<string, number>()
  const add = (kind: string, number: number): void => void counts.set(kind, (counts.get(kind) ?? 0) + number)
  for (const kind of process.getActiveResourcesInfo()) if (KINDS[kind] !== undefined) add(KINDS[kind], 1)
  for (const name of process.eventNames())
    add(`process listener for ${JSON.stringify(String(name))}`, process.listenerCount(name))
  return counts
}
