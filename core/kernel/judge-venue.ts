import type { EffectiveConfig } from "../config/effective.js"
import { nearest } from "../config/nearest.js"
import { formatPath } from "../config/path.js"
import { type VenueKinds, venueKindsOf } from "../config/venue-kinds.js"
import { findAvailablePlugins } from "../editors/find-plugins.js"
import { SchemaReader } from "../editors/schema-reader.js"
import { type VelozError, venueMissingError, venueTwiceError, venueUnknownError } from "./errors.js"
import type { Candidate } from "./generation.js"
import { speaksToVenue } from "./speaks-to-venue.js"

/** What there is against the kind of venue of a configuration: one of the plugins in use has to speak to it. */
export async function judgeVenue(
  config: EffectiveConfig,
  inUse: readonly Candidate[],
): Promise<VelozError | undefined> {
  const { kind } = config.venue
  const [one, ...others] = inUse.filter(({ definition }) => speaksToVenue(definition)).toReversed()
  if (one !== undefined) return others.length === 0 ? undefined : venueTwiceError(kind, one, others)
  const kinds = await availableKinds(config)
  const off = kinds.get(kind)
  if (off !== undefined) return venueMissingError(kind, off, switchedOff(config, off))
  const isOn = (name: string): boolean => config.plugins.some((plugin) => plugin.name === name)
  return venueUnknownError(kind, kinds, isOn, nearest(kind, kinds.keys()))
}

/** Those of the plugins that are there, in use or not. That takes a while: whoever asks is refused anyway. */
async function availableKinds({ schemas, root }: EffectiveConfig): Promise<VenueKinds> {
  const unread = (await findAvailablePlugins(root)).filter((name) => !schemas.has(name))
  return venueKindsOf([...schemas, ...(await new SchemaReader().read(unread, root))])
}

/** The paths at which somebody has switched these off. */
function switchedOff({ values }: EffectiveConfig, names: readonly string[]): string[] {
  const states = values.plugins as Readonly<Record<string, unknown>>
  return names.filter((name) => Object.hasOwn(states, name)).map((name) => formatPath(["plugins", name]))
}
