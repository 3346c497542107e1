import type { OptionSchema } from "./schemas.js"

/** What `venue.kind` may be, in order, each kind with the plugins that speak to such venues. */
export type VenueKinds = ReadonlyMap<string, readonly string[]>

/** Those that the schemas of plugins name. */
export function venueKindsOf(plugins: Iterable<readonly [name: string, schema: OptionSchema | undefined]>): VenueKinds {
  const kinds = new Map<string, string[]>()
  for (const [name, schema] of plugins) {
    for (const kind of schema?.["x-veloz-venues"] ?? []) kinds.set(kind, [...(kinds.get(kind) ?? []), name])
  }
  return new Map([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The schema of the configuration, which tells these kinds to who reads it. */
export function withVenueKinds(root: OptionSchema, kinds: VenueKinds): OptionSchema {
  const { venue } = root.properties ?? {}
  const { kind } = venue?.properties ?? {}
  if (kind === undefined || kinds.size === 0) return root
  const properties = { ...venue?.properties, kind: { ...kind, enum: [...kinds.keys()] } }
  return { ...root, properties: { ...root.properties, venue: { ...venue, properties } } }
}
