import { type Diagnostic, presetConflictError } from "./errors.js"
import { type Layer, type Leaf, leavesOf, overlaps } from "./layers.js"
import { related } from "./locate.js"
import { presetLayer } from "./make-layers.js"
import type { LoadedPreset } from "./presets.js"
import { isSame } from "./same.js"

/** Paths on which presets disagree that do not build on each other, and which no layer above them decides. */
export function presetConflicts(presets: readonly LoadedPreset[], deciding: readonly Layer[]): Diagnostic[] {
  const decided = deciding.flatMap((layer) => [...layer.leaves.values()])
  const winners = new Map<string, { preset: LoadedPreset; leaf: Leaf }>()
  const conflicts = new Map<string, Diagnostic>()
  for (const preset of presets) {
    for (const [path, leaf] of leavesOf(preset.settings.tree)) {
      const lower = winners.get(path)
      winners.set(path, { preset, leaf })
      if (lower === undefined || isSame(lower.leaf.value, leaf.value)) continue
      // A preset that builds on both decides between them.
      if (preset.ancestors.has(lower.preset)) conflicts.delete(path)
      else if (!decided.some(({ keys }) => overlaps(keys, leaf.keys))) {
        const first: [string, unknown] = [lower.preset.name, lower.leaf.value]
        const places = [lower, { preset, leaf }].map((one) =>
          related(leaf.keys, { ...one, layer: presetLayer(one.preset) }),
        )
        conflicts.set(path, presetConflictError(leaf.keys, first, [preset.name, leaf.value], places))
      }
    }
  }
  return [...conflicts.values()]
}
