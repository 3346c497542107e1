import type { Diagnostic } from "./diagnostic.js"
import { type Layer, type Merged, setterOf } from "./layers.js"
import { located } from "./locate.js"
import { formatPath, isPlainObject } from "./path.js"
import type { WholeSchema } from "./schemas.js"
import { type Finding, validate } from "./validate.js"

/** What is wrong with a layer by itself: also what a higher layer hides is worth mending. */
export function checkLayer(layer: Layer, schema: WholeSchema): Diagnostic[] {
  const findings = validate(schema.root, structuredClone(layer.tree), [], { partial: true })
  const plugins = isPlainObject(layer.tree.plugins) ? layer.tree.plugins : {}
  for (const [name, options] of Object.entries(plugins)) {
    const plugin = schema.plugins.get(name)
    if (plugin === undefined || !isPlainObject(options)) continue
    findings.push(...validate(plugin, structuredClone(options), ["plugins", name], { partial: true }))
  }
  return findings.map((finding) => located(withElsewhere(finding, schema), layer))
}

/** An option that is in the wrong place, and has no like there, is known by its name. */
function withElsewhere(finding: Finding, { root, plugins }: WholeSchema): Finding {
  const { diagnostic, keys } = finding
  const name = keys.at(-1) ?? ""
  const isLost = diagnostic.code === "VELOZ_CONFIG_UNKNOWN_OPTION" && !diagnostic.hint?.startsWith("Did you mean")
  if (!isLost || (keys.length !== 1 && keys.length !== 3)) return finding
  const owners = [...plugins].filter(([, { properties = {} }]) => Object.hasOwn(properties, name))
  const places = owners.map(([plugin]) => formatPath(["plugins", plugin, name]))
  if (Object.hasOwn(root.properties ?? {}, name)) places.unshift(name)
  if (keys.length === 1 && plugins.has(name)) places.push(formatPath(["plugins", name]))
  return places.length === 0
    ? finding
    : { ...finding, diagnostic: { ...diagnostic, hint: `Did you mean ${places.join(" or ")}?` } }
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
