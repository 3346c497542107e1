import type { Diagnostic } from "./diagnostic.js"
import { type Layer, type Merged, setterOf } from "./layers.js"
import { located } from "./locate.js"
import { isPlainObject } from "./path.js"
import type { WholeSchema } from "./schemas.js"
import { validate } from "./validate.js"

/** What is wrong with a layer by itself: also what a higher layer hides is worth mending. */
export function checkLayer(layer: Layer, schema: WholeSchema): Diagnostic[] {
  const findings = validate(schema.root, structuredClone(layer.tree), [], { partial: true })
  const plugins = isPlainObject(layer.tree.plugins) ? layer.tree.plugins : {}
  for (const [name, options] of Object.entries(plugins)) {
    const plugin = schema.plugins.get(name)
    if (plugin === undefined || !isPlainObject(options)) continue
    findings.push(...validate(plugin, structuredClone(options), ["plugins", name], { partial: true }))
  }
  return findings.map((finding) => located(finding, layer))
}

/**
 * What is wrong with the whole, beside what is known to be wrong with its layers. Fills in the defaults that are left,
 * those of the items of lists.
 */
export function checkMerged(
  merged: Merged,
  schema: WholeSchema,
  file: Layer,
  known: readonly Diagnostic[],
): Diagnostic[] {
  const findings = validate(schema.root, merged.root, [])
  for (const [name, { enabled, options }] of merged.plugins) {
    const plugin = schema.plugins.get(name)
    if (enabled && plugin !== undefined) findings.push(...validate(plugin, options, ["plugins", name]))
  }
  return findings
    .filter((finding) => !known.some(({ path }) => path === finding.diagnostic.path))
    .map((finding) => {
      const layer = setterOf(finding.keys, merged)?.layer
      return located(finding, layer === undefined || layer.kind === "default" ? file : layer)
    })
}
