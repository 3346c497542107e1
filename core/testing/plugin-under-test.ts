import { ConfigError } from "../config/diagnostic.js"
import { closed, defaultsOf, NO_OPTIONS, type OptionSchema, schemaAt, shippedSchemas } from "../config/schemas.js"
import { validate } from "../config/validate.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import type { CheckContext, ConfiguredPlugin, Plugin } from "../kernel/contract.js"
import { collectObjections } from "../kernel/objection.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import type { PluginChange, PluginSource } from "../threads/messages.js"

/** A plugin, a plugin with options, or what the configuration would name: a package, a plugin of veloz, or a file. */
export type TestPlugin = Plugin | ConfiguredPlugin | string

/** The engine's own options, as they are when nobody sets them. */
const DEFAULTS: CheckContext["config"] = {
  symbols: ["BTCUSDT"],
  venue: { kind: "sim" },
  topology: "auto",
  idle_strategy: "auto",
}

/** A plugin in a test, with options as the configuration would give it: defaults filled in, everything checked. */
export class PluginUnderTest {
  private constructor(
    readonly name: string,
    readonly plugin: Plugin,
    readonly options: Readonly<Record<string, unknown>>,
    private readonly schema: OptionSchema,
  ) {}

  static async load(wish: TestPlugin): Promise<PluginUnderTest> {
    const { plugin, options } = await found(wish)
    const { definition } = plugin
    const shipped = (await shippedSchemas()).plugins.get(definition.name)
    const schema = closed((definition.schema as OptionSchema | undefined) ?? shipped ?? NO_OPTIONS)
    const empty = new PluginUnderTest(definition.name, plugin, defaultsOf(schema) as Record<string, unknown>, schema)
    return empty.with(options)
  }

  /** A plugin of the harness's own, without options. */
  static fixed(plugin: Plugin): PluginUnderTest {
    return new PluginUnderTest(plugin.definition.name, plugin, {}, NO_OPTIONS)
  }

  /** The same plugin with some other options. */
  with(changes: object): PluginUnderTest {
    const options = structuredClone({ ...this.options, ...changes })
    const findings = validate(this.schema, options, ["plugins", this.name])
    if (findings.length > 0)
      throw new ConfigError(
        findings.map(({ diagnostic }) => diagnostic),
        [],
      )
    const run = (context: CheckContext): void => this.plugin.definition.check?.(options, context)
    const [objection] = collectObjections(this.name, "check", DEFAULTS, run)
    if (objection !== undefined) throw objection
    return new PluginUnderTest(this.name, this.plugin, options, this.schema)
  }

  /** What a running engine does when the options of `before` become these. */
  actionAfter(before: PluginUnderTest | undefined): PluginChange["action"] {
    if (before === undefined || before.plugin !== this.plugin) return "remake"
    const keys = new Set([...Object.keys(before.options), ...Object.keys(this.options)])
    const reloads = [...keys]
      .filter((key) => JSON.stringify(before.options[key]) !== JSON.stringify(this.options[key]))
      .map((key) => schemaAt(this.schema, [key])?.["x-veloz-reload"] ?? "plugin")
    if (reloads.length === 0) return "keep"
    return reloads.every((reload) => reload === "live") ? "retune" : "remake"
  }
}

/** Loads plugins by value: there is one thread, so that no other one has to find their code. */
export class ValueLoader extends PluginLoader {
  readonly #plugins = new Map<string, Plugin>()

  constructor() {
    super({ veloz, "veloz/hot": hot })
  }

  sourceOf({ name, plugin }: PluginUnderTest): PluginSource {
    this.#plugins.set(name, plugin)
    return { kind: "module", file: name }
  }

  override load(_source: PluginSource, specifier: string): Plugin {
    return this.#plugins.get(specifier)!
  }
}

async function found(wish: TestPlugin): Promise<ConfiguredPlugin> {
  if (typeof wish === "string") {
    const { plugin } = await new PluginSources(new PluginLoader({ veloz, "veloz/hot": hot })).find(wish, process.cwd())
    return { kind: "veloz-configured-plugin", plugin, options: {} }
  }
  return wish.kind === "veloz-plugin" ? { kind: "veloz-configured-plugin", plugin: wish, options: {} } : wish
}
