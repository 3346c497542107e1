import type { PluginDefinition } from "./contract.js"

/** Whether a plugin speaks to a venue, and does not only help one that does. */
export function speaksToVenue({ provides }: Pick<PluginDefinition<object>, "provides">): boolean {
  return provides?.includes("venue") === true
}
