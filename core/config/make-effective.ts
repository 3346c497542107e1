import { createHash } from "node:crypto"
import type { LoadedFile } from "./composition.js"
import type { Diagnostic } from "./diagnostic.js"
import type { EffectiveConfig, Origin, PluginEntry } from "./effective.js"
import { maskedNotice } from "./errors.js"
import { type Merged, type Setter, setterOf } from "./layers.js"
import { related } from "./locate.js"
import type { ConfigPath } from "./path.js"
import { deepFreeze } from "./plain.js"
import { canonical, isSame } from "./same.js"
import type { WholeSchema } from "./schemas.js"
import { venueKindsOf, withVenueKinds } from "./venue-kinds.js"

export interface EffectiveParts {
  readonly loaded: LoadedFile
  /** Names of the presets that were asked for. */
  readonly presets: readonly string[]
  readonly schema: WholeSchema
  /** Plugins by value, by name. */
  readonly uses: ReadonlyMap<string, unknown>
  readonly files: readonly string[]
  readonly notices: readonly Diagnostic[]
}

type RootValues = Pick<EffectiveConfig, "symbols" | "venue" | "topology" | "idle_strategy">

/** The configuration that counts, of layers that were found valid. */
export function makeEffective(merged: Merged, parts: EffectiveParts): EffectiveConfig {
  const { root, plugins: schemas } = parts.schema
  const entries = [...merged.plugins].filter(([, { enabled }]) => enabled)
  const plugins = entries.map(([name, { options }]): PluginEntry => {
    const value = parts.uses.get(name)
    return { name, specifier: name, ...(value === undefined ? {} : { value }), options: deepFreeze(options) }
  })
  const values = deepFreeze({ ...rootValues(merged), presets: [...parts.presets], plugins: statesOf(merged) })
  return Object.freeze({
    symbols: values.symbols,
    venue: values.venue,
    topology: values.topology,
    idle_strategy: values.idle_strategy,
    presets: values.presets,
    plugins: Object.freeze(plugins),
    values,
    origins: originsOf(merged, parts),
    locate: (keys: ConfigPath) => related(keys, setterOf(keys, merged)),
    file: parts.loaded.file,
    root: parts.loaded.root,
    files: parts.files,
    hash: createHash("sha256").update(canonical(values)!).digest("hex"),
    notices: [...parts.notices, ...maskedNotices(merged)],
    schemas: new Map([["", withVenueKinds(root, venueKindsOf(schemas))], ...schemas]),
  })
}

function rootValues(merged: Merged): RootValues {
  const { $schema: _schema, ...root } = merged.root
  // Validation has shown that it has the shape of its schema.
  return root as unknown as RootValues
}

function statesOf(merged: Merged): Record<string, unknown> {
  return Object.fromEntries([...merged.plugins].map(([name, { enabled, options }]) => [name, enabled && options]))
}

function originsOf(merged: Merged, { loaded, presets }: EffectiveParts): Map<string, readonly Origin[]> {
  const origins = new Map([...merged.setters].map(([path, setters]) => [path, setters.map(originOf)]))
  // Of the layers that may name presets the file alone has values that are no data, and no leaf for them.
  if (loaded.settings.presets === undefined) return origins
  const { file, line, column } = loaded.source?.locate(["presets"]) ?? {}
  const origin: Origin = { layer: "file", source: loaded.label, value: [...presets], file, line, column }
  return origins.set("presets", [...(origins.get("presets") ?? []), origin])
}

function originOf({ layer, leaf }: Setter): Origin {
  const { file, line, column } = layer.locate(leaf.keys) ?? {}
  const place = file === undefined ? {} : { file, line, column }
  const time = leaf.setAt === undefined ? {} : { setAt: leaf.setAt }
  return { layer: layer.kind, source: leaf.source ?? layer.source, value: leaf.value, ...time, ...place }
}

/** Values that the file or the API sets, and that the environment or the command line hides. */
function maskedNotices(merged: Merged): Diagnostic[] {
  const notices: Diagnostic[] = []
  for (const [winner, ...others] of merged.setters.values()) {
    if (winner.layer.kind !== "environment" && winner.layer.kind !== "argument") continue
    const hidden = others.find(({ layer }) => layer.kind === "file" || layer.kind === "api")
    if (hidden === undefined || isSame(hidden.leaf.value, winner.leaf.value)) continue
    const { keys, value } = hidden.leaf
    notices.push(maskedNotice(keys, value, originOf(winner), hidden.layer.locate(keys)))
  }
  return notices
}
