import { resolveAliases } from "./aliases.js"
import { checkLayer, checkMerged } from "./check-layers.js"
import type { Composition, LoadedFile } from "./composition.js"
import { ConfigError, type Diagnostic } from "./diagnostic.js"
import type { EffectiveConfig } from "./effective.js"
import { readArguments, readEnvironment } from "./environment.js"
import { findSchemas } from "./find-schemas.js"
import { merge } from "./layers.js"
import { pointedAt } from "./locate.js"
import { makeEffective } from "./make-effective.js"
import { defaultLayer, fileLayer, leafLayer, presetLayer, switchLayer } from "./make-layers.js"
import { presetConflicts } from "./preset-conflicts.js"
import { type LoadedPresets, loadPresets } from "./presets.js"
import { shippedSchemas, type WholeSchema } from "./schemas.js"

/** Layers, validates and merges. Throws a ConfigError with all that is wrong. */
export async function compose(composition: Composition): Promise<EffectiveConfig> {
  const { loaded } = composition
  const shipped = await shippedSchemas()
  const presets = await loadPresets(presetRefs(composition, shipped), loaded.root, composition.context, loaded.source)
  const file = fileLayer(loaded)
  const api = leafLayer("api", "the running API", composition.api)
  const authored = [...presets.presets.map(presetLayer), file, api]

  // Which plugins are on decides which schemas are needed to read the rest.
  const switches = merge([switchLayer(shipped), ...authored, outside(composition, shipped).layers.argument])
  const uses = usesOf(loaded, presets)
  const search = { source: composition.schemas, shipped, switches, uses, root: loaded.root, layer: file }
  const { schema, problems: schemaProblems } = await findSchemas(search)

  const { layers, problems: textProblems, notices } = outside(composition, schema)
  const resolved = [...authored, layers.environment, layers.argument].map((layer) => resolveAliases(layer, schema))
  const set = resolved.map(({ layer }) => layer)
  const problems = [
    ...loaded.settings.problems,
    ...presets.problems.map((problem) => pointedAt(problem, loaded.source)),
    ...schemaProblems,
    ...textProblems,
    ...presetConflicts(presets.presets, [file, api]).map((problem) => ({
      ...problem,
      ...loaded.source?.locate(["presets"]),
    })),
    ...set.flatMap((layer) => checkLayer(layer, schema)),
  ]
  const merged = merge([defaultLayer(schema, switches), ...set])
  problems.push(...checkMerged(merged, schema, file, problems))
  const files = [...new Set([...loaded.files, ...presets.files])]
  if (problems.length > 0) throw new ConfigError(inOrder(problems), files, schema.plugins)
  const told = [...loaded.notices, ...notices, ...resolved.flatMap((layer) => layer.notices)]
  return makeEffective(merged, { loaded, presets: presets.names, schema, uses, files, notices: told })
}

/** Those of one file as its reader meets them. */
function inOrder(problems: readonly Diagnostic[]): Diagnostic[] {
  const files = [...new Set(problems.map(({ file }) => file))]
  return problems.toSorted((a, b) => {
    if (a.file !== b.file) return files.indexOf(a.file) - files.indexOf(b.file)
    return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
  })
}

/** The layers above the files: texts, read as what the schema says of their options. */
function outside({ env, args }: Composition, schema: WholeSchema) {
  const environment = readEnvironment(env, schema)
  const argument = readArguments(args, schema)
  return {
    layers: {
      environment: leafLayer("environment", "the environment", environment.leaves),
      argument: leafLayer("argument", "the command line", argument.leaves),
    },
    problems: [...environment.problems, ...argument.problems],
    notices: environment.notices,
  }
}

/** The presets of the highest layer that names any. */
function presetRefs(composition: Composition, schema: WholeSchema): readonly unknown[] {
  const { argument, environment } = outside(composition, schema).layers
  const named = [
    argument.leaves.get("presets")?.value,
    environment.leaves.get("presets")?.value,
    composition.api.get("presets")?.value,
    composition.loaded.settings.presets,
  ]
  return named.find((refs): refs is readonly unknown[] => Array.isArray(refs)) ?? []
}

function usesOf(loaded: LoadedFile, presets: LoadedPresets): Map<string, unknown> {
  return new Map([...presets.presets.flatMap(({ settings }) => [...settings.uses]), ...loaded.settings.uses])
}
