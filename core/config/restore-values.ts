import { differences, type ValueChange } from "./differences.js"
import { withoutSecrets } from "./secrets.js"

/** What differs between what is in force and what was once; whether secrets do cannot be told. */
export function lostValues(
  now: Readonly<Record<string, unknown>>,
  then: Readonly<Record<string, unknown>>,
): ValueChange[] {
  return differences(comparable(withoutSecrets(now)), comparable(then))
}

/** Options alone: presets count by what they set, and a plugin that is off is as good as not there. */
function comparable(values: unknown): object {
  const { presets: _presets, plugins = {}, ...root } = values as { presets?: unknown; plugins?: object }
  const on = Object.entries(plugins).filter(([, options]) => options !== false)
  return { ...root, plugins: Object.fromEntries(on) }
}
