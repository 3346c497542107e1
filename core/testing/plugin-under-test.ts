import { ConfigError } from "../config/diagnostic.js"
import { badSchemaError } from "../config/errors.js"
import { closed, defaultsOf, NO_OPTIONS, type OptionSchema, schemaAt, shippedSchemas } from "../config/schemas.js"
import { checkSchema, validate } from "../config/validate.js"
import * as hot from "../hot/index.js"
import * as veloz from "../index.js"
import { checkDefinition, checkedClaims } from "../kernel/check-definition.js"
import type { CheckContext, ConfiguredPlugin, Plugin, Surroundings } from "../kernel/contract.js"
import { collectObjections } from "../kernel/objection.js"
import { PluginLoader } from "../kernel/plugin-loader.js"
import { PluginSources } from "../kernel/plugin-sources.js"
import { readCpuTopology } from "../os/cpus.js"
import type { PluginChange, PluginSource } from "../threads/messages.js"
import type { OptionWatch } from "./option-watch.js"

/** A plugin, a plugin with options, or what the configuration would name: a package, a plugin of veloz, or a file. */
export type TestPlugin = Plugin | ConfiguredPlugin | string

/** The engine's own options as they are when nobody sets them, at a venue of a plugin's own, and this machine. */
export const surroundings = (
  { definition: { venues } }: Plugin,
  symbols: readonly string[] = ["BTCUSDT"],
): Surroundings => ({
  config: { symbols, venue: venueFor(venues), topology: "auto", idle_strategy: "auto" },
  cpus: readCpuTopology(),
  services: [],
})

/** Where plugins of these kinds are in use. */
export const venueFor = ([kind = "fake"]: readonly string[] = []): { readonly kind: string } => ({ kind })

/** A plugin in a test, with options as the configuration would give it: defaults filled in, everything checked. */
export class PluginUnderTest {
  private constructor(
    readonly plugin: Plugin,
    /** The same plugin, as it is run. */
    readonly watched: Plugin,
    readonly options: Readonly<Record<string, unknown>>,
    readonly schema: OptionSchema,
    /** Grows when it is to be made anew although nothing of it has changed. */
    private readonly revision = 0,
  ) {}

  /** Throws, as a configuration that names it is refused. */
  static async load(wish: TestPlugin, watch?: OptionWatch): Promise<PluginUnderTest> {
    const { plugin, options } = await found(wish)
    const { definition } = checkDefinition(plugin, plugin.definition?.name, plugin.file ?? "the test")
    const shipped = (await shippedSchemas()).plugins.get(definition.name)
    const schema = closed((definition.schema as OptionSchema | undefined) ?? shipped ?? NO_OPTIONS)
    const fault = checkSchema(schema)
    if (fault !== undefined) throw new ConfigError([badSchemaError(definition.name, fault, plugin.file)], [])
    const defaults = defaultsOf(schema) as Record<string, unknown>
    return new PluginUnderTest(plugin, watch?.watch(plugin) ?? plugin, defaults, schema).with(options)
  }

  /** A plugin of the harness's own, without options. */
  static fixed(plugin: Plugin): PluginUnderTest {
    return new PluginUnderTest(plugin, plugin, {}, NO_OPTIONS)
  }

  get name(): string {
    return this.plugin.definition.name
  }

  /** As if its code had changed: its parts are made anew. */
  remade(): PluginUnderTest {
    return new PluginUnderTest(this.plugin, this.watched, this.options, this.schema, this.revision + 1)
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
    const around = surroundings(this.plugin)
    const [objection] = collectObjections(this.name, "check", around, run)
    if (objection !== undefined) throw objection
    checkedClaims(this.plugin.definition.claims?.(options, around))
    return new PluginUnderTest(this.plugin, this.watched, options, this.schema, this.revision)
  }

  /** What a running engine does when the options of `before` become these. */
  actionAfter(before: PluginUnderTest | undefined): PluginChange["action"] {
    if (before === undefined || before.plugin !== this.plugin || before.revision !== this.revision) return "remake"
    const reloads = this.changedAfter(before).map((key) => schemaAt(this.schema, [key])?.["x-veloz-reload"] ?? "plugin")
    if (reloads.length === 0) return "keep"
    return reloads.every((reload) => reload === "live") ? "retune" : "remake"
  }

  changedAfter({ options }: PluginUnderTest): string[] {
    const keys = new Set([...Object.keys(options), ...Object.keys(this.options)])
    return [...keys].filter((key) => JSON.stringify(options[key]) !== JSON.stringify(this.options[key]))
  }
}

/** Loads plugins by value: there is one thread, so that no other one has to find their code. */
export class ValueLoader extends PluginLoader {
  readonly #plugins = new Map<string, Plugin>()

  constructor() {
    super({ veloz, "veloz/hot": hot })
  }

  sourceOf({ name, watched }: PluginUnderTest): PluginSource {
    this.#plugins.set(name, watched)
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
