import { createHash } from "node:crypto"
import type { LoadedFile, SchemaSource } from "./configuration.js"
import { ConfigError, type Diagnostic } from "./diagnostic.js"
import type { EffectiveConfig, Origin, PluginEntry } from "./effective.js"
import { readArguments, readEnvironment, type WholeSchema } from "./environment.js"
import { type Located, maskedNotice, presetConflictError, unknownPluginError } from "./errors.js"
import {
  isSwitch,
  type Layer,
  type LayerKind,
  type Leaf,
  leavesOf,
  type Merged,
  merge,
  overlaps,
  treeOf,
} from "./layers.js"
import { nearest } from "./nearest.js"
import { type ConfigPath, formatPath, isPlainObject, parsePath } from "./path.js"
import { deepFreeze } from "./plain.js"
import { type LoadedPreset, type LoadedPresets, loadPresets } from "./presets.js"
import { closed, defaultsOf, NO_OPTIONS, type OptionSchema, type ShippedSchemas, shippedSchemas } from "./schemas.js"
import { isFileSpecifier } from "./settings.js"
import type { SourceContext } from "./source.js"
import { checkSchema, type Finding, validate } from "./validate.js"

/** Everything that a configuration is made of. */
export interface Composition {
  readonly loaded: LoadedFile
  readonly api: ReadonlyMap<string, Leaf>
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly args: Readonly<Record<string, unknown>>
  readonly schemas: SchemaSource
  readonly context: SourceContext
}

/** Layers, validates and merges. Throws a ConfigError with all that is wrong. */
export async function compose(composition: Composition): Promise<EffectiveConfig> {
  const { loaded, api } = composition
  const shipped = await shippedSchemas()
  const presets = await loadPresets(presetRefs(composition, shipped), loaded.root, composition.context)
  const problems = [...loaded.settings.problems, ...presets.problems.map((problem) => pointed(problem, loaded))]
  const authored = [...presets.presets.map(presetLayer), fileLayer(loaded), leafLayer("api", "the running API", api)]
  const switches = merge([switchLayer(shipped), ...authored, argumentLayer(composition, shipped)])
  const found = await findSchemas(composition, shipped, switches, usesOf(loaded, presets))
  problems.push(...found.problems)
  const outside = outsideLayers(composition, { root: shipped.root, plugins: found.schemas })
  problems.push(...outside.problems, ...presetConflicts(presets.presets, [fileLayer(loaded), authored.at(-1)!]))
  const layers = [defaultLayer(shipped, found.schemas, switches), ...authored, ...outside.layers]
  for (const layer of layers.slice(1)) problems.push(...layerProblems(layer, shipped.root, found.schemas))
  const merged = merge(layers)
  problems.push(...wholeProblems(merged, shipped.root, found.schemas, layers, problems))
  const files = [...new Set([...loaded.files, ...presets.files])]
  if (problems.length > 0) throw Object.assign(new ConfigError(problems), { files })
  return effectiveOf(composition, merged, {
    presets: presets.names,
    schemas: new Map([["", shipped.root], ...found.schemas]),
    uses: usesOf(loaded, presets),
    files,
    notices: [...outside.notices, ...maskedNotices(merged)],
  })
}

// ---- layers

/** A layer and what its author wrote, to be checked and pointed at. */
interface AuthoredLayer extends Layer {
  readonly tree: Readonly<Record<string, unknown>>
  locate(keys: ConfigPath, part?: "key" | "value"): Located | undefined
}

function presetLayer(preset: LoadedPreset): AuthoredLayer {
  const { tree } = preset.settings
  return { kind: "preset", source: `preset "${preset.name}"`, leaves: leavesOf(tree), tree, locate: preset.locate }
}

function fileLayer(loaded: LoadedFile): AuthoredLayer {
  const { tree } = loaded.settings
  const locate = (keys: ConfigPath, part?: "key" | "value") => loaded.source?.locate(keys, part)
  return { kind: "file", source: loaded.label, leaves: leavesOf(tree), tree, locate }
}

function leafLayer(kind: LayerKind, source: string, leaves: ReadonlyMap<string, Leaf>): AuthoredLayer {
  return { kind, source, leaves, tree: treeOf(leaves.values()), locate: () => undefined }
}

/** Which plugins are on when nobody says anything. */
function switchLayer(shipped: ShippedSchemas): AuthoredLayer {
  const base = shipped.root.properties?.plugins?.default
  return leafLayer("default", "default", leavesOf({ plugins: base }))
}

function defaultLayer(
  shipped: ShippedSchemas,
  schemas: ReadonlyMap<string, OptionSchema>,
  switches: Merged,
): AuthoredLayer {
  const { plugins, presets: _presets, use: _use, ...root } = defaultsOf(shipped.root) as Record<string, unknown>
  const leaves = leavesOf({ ...root, plugins })
  for (const [name, schema] of schemas) {
    if (switches.plugins.get(name)?.enabled !== true) continue
    for (const [path, leaf] of leavesOf({ plugins: { [name]: defaultsOf(schema) ?? {} } })) {
      if (!isSwitch(leaf.keys)) leaves.set(path, leaf)
    }
  }
  return leafLayer("default", "default", leaves)
}

function argumentLayer({ args }: Composition, schema: WholeSchema): AuthoredLayer {
  return leafLayer("argument", "the command line", readArguments(args, schema).leaves)
}

function outsideLayers({ env, args }: Composition, schema: WholeSchema) {
  const environment = readEnvironment(env, schema)
  const command = readArguments(args, schema)
  return {
    layers: [
      leafLayer("environment", "the environment", environment.leaves),
      leafLayer("argument", "the command line", command.leaves),
    ],
    problems: [...environment.problems, ...command.problems],
    notices: environment.notices,
  }
}

// ---- presets

/** The presets of the highest layer that names any. */
function presetRefs({ loaded, api, env, args }: Composition, schema: WholeSchema): readonly unknown[] {
  const named = [
    readArguments(args, schema).leaves.get("presets")?.value,
    readEnvironment(env, schema).leaves.get("presets")?.value,
    api.get("presets")?.value,
    loaded.settings.presets,
  ]
  return named.find((refs): refs is readonly unknown[] => Array.isArray(refs)) ?? []
}

/** Paths on which presets disagree that have nothing to do with each other, and that nobody above them decides. */
function presetConflicts(presets: readonly LoadedPreset[], deciding: readonly Layer[]): Diagnostic[] {
  const decided = deciding.flatMap((layer) => [...layer.leaves.values()])
  const winners = new Map<string, { preset: LoadedPreset; leaf: Leaf }>()
  const conflicts = new Map<string, Diagnostic>()
  for (const preset of presets) {
    for (const [path, leaf] of leavesOf(preset.settings.tree)) {
      const lower = winners.get(path)
      winners.set(path, { preset, leaf })
      conflicts.delete(path)
      if (lower === undefined || preset.ancestors.has(lower.preset) || isSame(lower.leaf.value, leaf.value)) continue
      if (decided.some(({ keys }) => overlaps(keys, leaf.keys))) continue
      const first = [lower.preset.name, lower.leaf.value] as [string, unknown]
      conflicts.set(path, presetConflictError(leaf.keys, first, [preset.name, leaf.value]))
    }
  }
  return [...conflicts.values()]
}

// ---- schemas

interface FoundSchemas {
  readonly schemas: ReadonlyMap<string, OptionSchema>
  readonly problems: readonly Diagnostic[]
}

/** The schemas of all shipped plugins and of every other one that is on. */
async function findSchemas(
  { schemas: source, loaded }: Composition,
  shipped: ShippedSchemas,
  switches: Merged,
  uses: ReadonlyMap<string, unknown>,
): Promise<FoundSchemas> {
  const schemas = new Map(shipped.plugins)
  const problems: Diagnostic[] = []
  for (const [name, { enabled }] of switches.plugins) {
    if (schemas.has(name) && !uses.has(name)) continue
    const near = isFileSpecifier(name) ? undefined : nearest(name, shipped.plugins.keys())
    if (!enabled) {
      // A plugin that is off is not loaded, since it may be off because it is broken. A misspelt one is caught.
      const diagnostic = unknownPluginError(name, undefined, near)
      if (near !== undefined)
        problems.push(located({ keys: ["plugins", name], part: "key", diagnostic }, fileLayer(loaded)))
      continue
    }
    try {
      const found = await source.schemaOf(name, uses.get(name), loaded.root)
      const schema = found === null ? NO_OPTIONS : closed(found as OptionSchema)
      const finding = checkSchema(schema, name)
      if (finding === undefined) schemas.set(name, schema)
      else problems.push(located(finding, fileLayer(loaded)))
    } catch (error) {
      const diagnostic = unknownPluginError(name, (error as Error).message, near)
      problems.push(located({ keys: ["plugins", name], part: "key", diagnostic }, fileLayer(loaded)))
    }
  }
  return { schemas, problems }
}

function usesOf(loaded: LoadedFile, presets: LoadedPresets): Map<string, unknown> {
  return new Map([...presets.presets.flatMap(({ settings }) => [...settings.uses]), ...loaded.settings.uses])
}

// ---- validation

/** What is wrong with a layer by itself: also what a higher layer hides is worth mending. */
function layerProblems(
  layer: AuthoredLayer,
  root: OptionSchema,
  schemas: ReadonlyMap<string, OptionSchema>,
): Diagnostic[] {
  const findings = validate(root, structuredClone(layer.tree), [], { partial: true })
  const plugins = isPlainObject(layer.tree.plugins) ? layer.tree.plugins : {}
  for (const [name, options] of Object.entries(plugins)) {
    const schema = schemas.get(name)
    if (schema === undefined || !isPlainObject(options)) continue
    findings.push(...validate(schema, structuredClone(options), ["plugins", name], { partial: true }))
  }
  return findings.map((finding) => located(finding, layer))
}

/** What is wrong with the whole, and with no layer by itself. Fills in the defaults that items of lists have. */
function wholeProblems(
  merged: Merged,
  root: OptionSchema,
  schemas: ReadonlyMap<string, OptionSchema>,
  layers: readonly AuthoredLayer[],
  known: readonly Diagnostic[],
): Diagnostic[] {
  const findings = validate(root, merged.root, [])
  for (const [name, { enabled, options }] of merged.plugins) {
    const schema = schemas.get(name)
    if (enabled && schema !== undefined) findings.push(...validate(schema, options, ["plugins", name]))
  }
  const isKnown = (finding: Finding) => known.some(({ path }) => path === finding.diagnostic.path)
  return findings
    .filter((finding) => !isKnown(finding))
    .map((finding) => located(finding, setterOf(finding, merged, layers)))
}

/** The layer that set the value, or the file, where something is missing. */
function setterOf({ keys }: Finding, merged: Merged, layers: readonly AuthoredLayer[]): AuthoredLayer {
  for (let length = keys.length; length > 0; length--) {
    const setter = merged.setters.get(formatPath(keys.slice(0, length)))?.[0]
    if (setter !== undefined) return setter.layer as AuthoredLayer
  }
  return layers.find((layer) => layer.kind === "file") ?? layers[0]
}

function located({ keys, part, diagnostic }: Finding, layer: AuthoredLayer): Diagnostic {
  const place = layer.locate(keys, part)
  if (place !== undefined) return { ...diagnostic, ...place }
  const source = layer.leaves.get(formatPath(keys))?.source ?? layer.source
  return layer.kind === "file" ? diagnostic : { ...diagnostic, message: `${diagnostic.message} (${source})` }
}

/** A problem with a preset that is named in the file is pointed at there. */
function pointed(problem: Diagnostic, { source }: LoadedFile): Diagnostic {
  const keys = parsePath(problem.path)
  if (problem.file !== undefined || keys === undefined || source === undefined) return problem
  return { ...problem, ...source.locate(keys) }
}

// ---- the result

type RootValues = Pick<EffectiveConfig, "symbols" | "venue" | "topology">

interface Parts {
  readonly presets: readonly string[]
  readonly schemas: ReadonlyMap<string, OptionSchema>
  readonly uses: ReadonlyMap<string, unknown>
  readonly files: readonly string[]
  readonly notices: readonly Diagnostic[]
}

function effectiveOf({ loaded }: Composition, merged: Merged, parts: Parts): EffectiveConfig {
  const plugins = [...merged.plugins].filter(([, { enabled }]) => enabled)
  const entries = plugins.map(([name, { options }]): PluginEntry => {
    const value = parts.uses.get(name)
    return { name, specifier: name, ...(value === undefined ? {} : { value }), options: deepFreeze(options) }
  })
  const states = [...merged.plugins].map(([name, { enabled, options }]) => [name, enabled ? options : false])
  const { $schema: _schema, use: _use, presets: _presets, plugins: _plugins, ...root } = merged.root
  // Validation has shown that the root has the shape of its schema.
  const whole = { ...(root as RootValues), presets: [...parts.presets], plugins: Object.fromEntries(states) }
  const values = deepFreeze(whole)
  return Object.freeze({
    symbols: values.symbols,
    venue: values.venue,
    topology: values.topology,
    presets: values.presets,
    plugins: Object.freeze(entries),
    values,
    origins: originsOf(merged),
    file: loaded.file,
    root: loaded.root,
    files: parts.files,
    hash: createHash("sha256").update(canonical(values)).digest("hex"),
    notices: parts.notices,
    schemas: parts.schemas,
  })
}

function originsOf(merged: Merged): Map<string, readonly Origin[]> {
  const origins = new Map<string, readonly Origin[]>()
  for (const [path, setters] of merged.setters) {
    origins.set(
      path,
      setters.map(({ layer, leaf }) => {
        const { frame: _frame, ...place } = (layer as AuthoredLayer).locate(leaf.keys) ?? ({} as Partial<Located>)
        return { layer: layer.kind, source: leaf.source ?? layer.source, value: leaf.value, ...place }
      }),
    )
  }
  return origins
}

/** Values that the file or the API sets and the environment or the command line hides. */
function maskedNotices(merged: Merged): Diagnostic[] {
  const notices: Diagnostic[] = []
  for (const [winner, ...others] of merged.setters.values()) {
    if (winner.layer.kind !== "environment" && winner.layer.kind !== "argument") continue
    const hidden = others.find(({ layer }) => layer.kind === "file" || layer.kind === "api")
    if (hidden === undefined || isSame(hidden.leaf.value, winner.leaf.value)) continue
    const { keys, value, source } = winner.leaf
    const place = (hidden.layer as AuthoredLayer).locate(hidden.leaf.keys)
    notices.push(maskedNotice(keys, value, source ?? winner.layer.source, place))
  }
  return notices
}

function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b)
}

/** JSON with sorted keys: the order in which options are written decides nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isPlainObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  )
}
