import type { LoadedFile } from "./composition.js"
import { isSwitch, type Layer, type LayerKind, type Leaf, leavesOf, type Merged, treeOf } from "./layers.js"
import type { LoadedPreset } from "./presets.js"
import { defaultsOf, type WholeSchema } from "./schemas.js"

/** Which plugins are on when nobody says anything. */
export function switchLayer(schema: WholeSchema): Layer {
  return leafLayer("default", "default", leavesOf({ plugins: schema.root.properties?.plugins?.default }))
}

/** What the schemas give to the configuration and to each plugin that is on. */
export function defaultLayer(schema: WholeSchema, switches: Merged): Layer {
  const { presets: _presets, use: _use, ...root } = defaultsOf(schema.root) as Record<string, unknown>
  const leaves = leavesOf(root)
  for (const [name, plugin] of schema.plugins) {
    if (switches.plugins.get(name)?.enabled !== true) continue
    for (const [path, leaf] of leavesOf({ plugins: { [name]: defaultsOf(plugin) ?? {} } })) {
      if (!isSwitch(leaf.keys)) leaves.set(path, leaf)
    }
  }
  return leafLayer("default", "default", leaves)
}

export function presetLayer(preset: LoadedPreset): Layer {
  const { tree, written } = preset.settings
  const locate: Layer["locate"] = (keys, part) => preset.locate(written(keys), part)
  return { kind: "preset", source: `preset "${preset.name}"`, leaves: leavesOf(tree), tree, locate }
}

export function fileLayer(loaded: LoadedFile): Layer {
  const { tree, written } = loaded.settings
  const locate: Layer["locate"] = (keys, part) => loaded.source?.locate(written(keys), part)
  return { kind: "file", source: loaded.label, leaves: leavesOf(tree), tree, locate }
}

/** A layer that no file holds. */
export function leafLayer(kind: LayerKind, source: string, leaves: ReadonlyMap<string, Leaf>): Layer {
  return { kind, source, leaves, tree: treeOf(leaves.values()), locate: () => undefined }
}
