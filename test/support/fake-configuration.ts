import type { ConfigurationAccess } from "veloz"

/** A configuration that takes every change and remembers who made it. */
export class FakeConfiguration implements ConfigurationAccess {
  readonly changes: { changes: Record<string, unknown>; author: string }[] = []
  /** Thrown by the next change, if set. */
  refusal: Error | undefined

  constructor(readonly plugins_: Record<string, Record<string, unknown>>) {}

  generation(): number {
    return 1 + this.changes.length
  }

  effective(): Record<string, unknown> {
    return { plugins: this.plugins_ }
  }

  async change(wish: Parameters<ConfigurationAccess["change"]>[0], author: string): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal
    const changes = typeof wish === "function" ? wish() : wish
    this.changes.push({ changes, author })
    for (const [path, value] of Object.entries(changes)) {
      const [, plugin, option] = path.split(".")
      this.plugins_[plugin][option] = value
    }
  }

  explain(path?: string): ReturnType<ConfigurationAccess["explain"]> {
    const options = [{ path: path ?? "symbols", value: ["BTCUSDT"], set_by: null, overrides: [] }]
    return { generation: this.generation(), file: null, options }
  }

  /** Remembers what was asked for. */
  readonly plans: Parameters<ConfigurationAccess["plan"]>[0][] = []

  async plan(wish: Parameters<ConfigurationAccess["plan"]>[0]): ReturnType<ConfigurationAccess["plan"]> {
    this.plans.push(wish)
    const threads = { action: "keep", reason: "they go on" } as const
    return { outcome: "nothing", changes: [], plugins: [], threads, order: null, problems: [] }
  }

  plugins(): ReturnType<ConfigurationAccess["plugins"]> {
    return [{ name: "market-data", version: "1.0.0", state: "running", stages: [], timings: {}, calls: {}, held: {} }]
  }

  /** Nothing was tried, and nothing can be brought back. */
  readonly history: ConfigurationAccess["history"] = {
    list: async () => ({ attempts: [], damaged: [] }),
    read: async (attempt) => {
      throw new Error(`there is no attempt ${attempt}`)
    },
    lastRejected: () => undefined,
    rollBack: async (number) => {
      throw new Error(`there is no generation ${number}`)
    },
  }

  /** Of who tried something, the last wish. */
  leased: Parameters<ConfigurationAccess["lease"]>[0] | undefined

  async lease(wish: Parameters<ConfigurationAccess["lease"]>[0]): Promise<void> {
    this.leased = wish
  }

  pipeline(): ReturnType<ConfigurationAccess["pipeline"]> {
    return { market: ["book", "notify"], order: ["validate", "risk", "send"] }
  }
}
