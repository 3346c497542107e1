import type { OptionSchema } from "../config/schemas.js"
import { validate } from "../config/validate.js"
import type { PluginUnderTest } from "./plugin-under-test.js"

/** For each option another valid value, as far as its schema tells of one and a running engine may change it. */
export function otherOptions(subject: PluginUnderTest): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = []
  for (const [option, property] of Object.entries(subject.schema.properties ?? {})) {
    if (property["x-veloz-reload"] === "restart") continue
    const current = subject.options[option]
    const other = candidates(property, current).find((value) => isTaken(subject, { [option]: value }))
    if (other !== undefined) found.push({ [option]: other })
  }
  return found
}

function isTaken(subject: PluginUnderTest, changes: Record<string, unknown>): boolean {
  if (validate(subject.schema, structuredClone({ ...subject.options, ...changes }), []).length > 0) return false
  try {
    subject.with(changes)
    return true
  } catch {
    // It fits the schema, and the plugin's own check refuses it: that is the check's test to prove.
    return false
  }
}

function candidates(property: OptionSchema, current: unknown): unknown[] {
  if (property.enum !== undefined) return property.enum.filter((value) => value !== current)
  const types = [property.type].flat()
  if (types.includes("boolean")) return [!current]
  if (types.includes("integer") || types.includes("number")) {
    const number = Number(current ?? 0)
    return [number + 1, number - 1, property.maximum, property.minimum].filter((value) => value !== current)
  }
  if (types.includes("string")) return ["BTCUSDT", "1", "http://127.0.0.1:9"].filter((value) => value !== current)
  return []
}
